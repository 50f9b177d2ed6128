package view

import (
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

const linkCode = "tandem-link:AQVhc-hZvk73MePBwGfRTcF6DC3fM-UXm405cJxwpRuQTClyuwRNlt8ocboDTJXeJ3C5AkuU3SZvuAFKk9wlbrcA"

// A decoder that is not ours reads what is drawn.
func TestQRCodeIsReadByOthers(t *testing.T) {
	for _, text := range []string{linkCode, "x", "05" + strings.Repeat("7f", 32), strings.Repeat("ü", 100)} {
		qr := QRCode(text)
		read, err := decode(t, qr)
		if err != nil || read != text {
			t.Errorf("%q is read as %q, %v", text, read, err)
		}
	}
	if qr := QRCode(linkCode); qr.Size != 41+2*QRQuiet {
		t.Errorf("a link code is drawn in %d modules", qr.Size)
	}
	if qr := QRCode(strings.Repeat("x", 500)); qr.Path != "" {
		t.Errorf("a text without end is drawn in %d modules", qr.Size)
	}
}

func TestQRCodeKeepsItsQuietZone(t *testing.T) {
	img := drawn(t, QRCode(linkCode))
	for i := range img.Bounds().Dx() {
		for d := range QRQuiet {
			for _, p := range []image.Point{{i, d}, {d, i}, {i, img.Bounds().Dx() - 1 - d}, {img.Bounds().Dx() - 1 - d, i}} {
				if img.GrayAt(p.X, p.Y).Y != 255 {
					t.Fatalf("a dark module at %v", p)
				}
			}
		}
	}
}

// drawn paints a path, one pixel a module.
func drawn(t *testing.T, qr QR) *image.Gray {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, qr.Size, qr.Size))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(qr.Path, -1) {
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1])
		}
		if n[2] != n[3] {
			t.Fatalf("%s is no rectangle", m[0])
		}
		for x := range n[2] {
			img.SetGray(n[0]+x, n[1], color.Gray{})
		}
	}
	return img
}

func decode(t *testing.T, qr QR) (string, error) {
	t.Helper()
	small := drawn(t, qr)
	const times = 7
	img := image.NewGray(image.Rect(0, 0, qr.Size*times, qr.Size*times))
	for y := range qr.Size * times {
		for x := range qr.Size * times {
			img.SetGray(x, y, small.GrayAt(x/times, y/times))
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}
