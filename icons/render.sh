#!/usr/bin/env bash
# Draws the bitmaps of this folder from the two drawings: icon.svg, and icon-small.svg for 48 pixels and less,
# which leaves the ring out and makes the letter heavier. Needs librsvg2-bin, imagemagick and icnsutils.
set -euo pipefail
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

draw() { # size
  local drawing=icon.svg
  [ "$1" -gt 48 ] || drawing=icon-small.svg
  rsvg-convert --width "$1" --height "$1" "$drawing" --output "$scratch/$1.png"
}
for size in 16 24 32 48 64 128 256 512 1024; do draw "$size"; done

cp "$scratch/32.png" 32x32.png
cp "$scratch/128.png" 128x128.png
cp "$scratch/256.png" 128x128@2x.png
cp "$scratch/512.png" icon.png
convert "$scratch"/{16,24,32,48,64,256}.png icon.ico
png2icns icon.icns "$scratch"/{16,32,48,128,256,512,1024}.png >/dev/null
