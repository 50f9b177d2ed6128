// Package story holds the end-to-end stories: whole devices in a real Chromium,
// on the site that make builds, against testnet nodes behind real HTTPS
// sockets. There is nothing here but tests; they run natively and drive the
// browser from outside, by the names that people and screen readers find.
package story
