package view

// Ways are the ways by which a key or a code can come into its box here, other
// than by typing. What a browser lacks is not offered.
type Ways struct{ Clipboard, Camera, Picture bool }
