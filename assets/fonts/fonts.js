// Cut two families down to what pages need of them: the letters of western Europe, no
// alternate forms, and only for the plain one more than a single weight.
import { readFileSync, writeFileSync } from "node:fs";
import subset from "subset-font";

const range = (first, last) =>
  String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, at) => first + at));
const letters = `${range(0x20, 0x7e)}${range(0xa0, 0xff)}–—‘’‚“”„…•−`;
const fonts = {
  serif: ["newsreader", 420],
  sans: ["libre-franklin", { min: 400, max: 700 }],
};

for (const [name, [family, wght]] of Object.entries(fonts)) {
  const file = `node_modules/@fontsource-variable/${family}/files/${family}-latin-wght-normal.woff2`;
  const options = { targetFormat: "woff2", variationAxes: { wght }, noLayoutClosure: true };
  writeFileSync(`${name}.woff2`, await subset(readFileSync(file), letters, options));
}
