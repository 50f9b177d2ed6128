package view

import (
	"strconv"
	"strings"

	"rsc.io/qr/coding"
)

const (
	// qrLevel repairs 15 % of the modules: enough for a glare on a screen, and a
	// link code still fits into 41 modules a side.
	qrLevel = coding.M
	// qrLargest keeps a module of a code of 280 px above 4 px.
	qrLargest = coding.Version(10)
	// QRQuiet is the light border that readers need, in modules (ISO 18004 §6.3.8).
	QRQuiet = 4
	qrMasks = 8
)

// QR is a QR code as a drawing: dark modules as one path of SVG, in a square of
// Size modules, the quiet zone included.
type QR struct {
	Size int
	Path string
}

// QRCode draws a text. It is empty for one that is longer than a link code ever
// is: the text itself always stands beside the drawing.
func QRCode(text string) QR {
	version := coding.Version(1)
	for coding.String(text).Bits(version) > version.DataBytes(qrLevel)*8 {
		if version++; version > qrLargest {
			return QR{}
		}
	}
	var best *coding.Code
	for mask := range coding.Mask(qrMasks) {
		plan, err := coding.NewPlan(version, qrLevel, mask)
		if err != nil {
			return QR{}
		}
		code, err := plan.Encode(coding.String(text))
		if err != nil {
			return QR{}
		}
		if best == nil || penalty(code) < penalty(best) {
			best = code
		}
	}
	return QR{Size: best.Size + 2*QRQuiet, Path: path(best)}
}

// path draws each run of dark modules of a row as one rectangle.
func path(c *coding.Code) string {
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > from {
				n := strconv.Itoa(x - from)
				b.WriteString("M" + strconv.Itoa(from+QRQuiet) + " " + strconv.Itoa(y+QRQuiet) + "h" + n + "v1h-" + n + "z")
			}
		}
	}
	return b.String()
}

// penalty says how badly a mask suits its content: readers stumble over large
// areas of one colour and over what looks like a corner mark (ISO 18004 §7.8.3).
func penalty(c *coding.Code) int {
	score, dark := 0, 0
	for y := range c.Size {
		score += linePenalty(c.Size, func(x int) bool { return c.Black(x, y) })
		score += linePenalty(c.Size, func(x int) bool { return c.Black(y, x) })
		for x := range c.Size {
			if c.Black(x, y) {
				dark++
			}
			if x > 0 && y > 0 && c.Black(x, y) == c.Black(x-1, y) && c.Black(x, y) == c.Black(x, y-1) && c.Black(x, y) == c.Black(x-1, y-1) {
				score += 3
			}
		}
	}
	off := 100*dark/(c.Size*c.Size) - 50
	return score + 10*(max(off, -off)/5)
}

// linePenalty is the part of one row or column: runs of five and more, and the
// ratio 1:1:3:1:1 of a corner mark with four light modules beside it.
func linePenalty(size int, dark func(int) bool) int {
	const before, after, window = 0b00001011101, 0b10111010000, 1<<11 - 1
	score, run, seen := 0, 0, 0
	for x := range size {
		if x > 0 && dark(x) == dark(x-1) {
			run++
		} else {
			run = 1
		}
		switch {
		case run == 5:
			score += 3
		case run > 5:
			score++
		}
		seen = seen << 1 & window
		if dark(x) {
			seen |= 1
		}
		if x >= 10 && (seen == before || seen == after) {
			score += 40
		}
	}
	return score
}
