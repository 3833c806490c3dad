// Validates AsyncAPI documents with AsyncAPI's own parser: node validate.mjs FILE...
// Each error is a line, FILE: path: message. Ends with 1 if there is any, with 2 if there is nothing to validate.
import { readFile } from "node:fs/promises";
import { argv, exit, stderr, stdout } from "node:process";
import { Parser } from "@asyncapi/parser";

const ERROR = 0;
const files = argv.slice(2);
if (files.length === 0) {
  stderr.write("usage: node validate.mjs FILE...\n");
  exit(2);
}

let errors = 0;
for (const file of files) {
  const { document, diagnostics } = await new Parser().parse(await readFile(file, "utf8"), { source: file });
  const found = diagnostics.filter((one) => one.severity === ERROR);
  for (const one of found) {
    stdout.write(`${file}: ${one.path.join(".") || "document"}: ${one.message} (${one.code})\n`);
  }
  if (document === undefined && found.length === 0) {
    stdout.write(`${file}: document: not an AsyncAPI document\n`);
  }
  errors += document === undefined ? Math.max(found.length, 1) : found.length;
}
stdout.write(errors === 0 ? `valid: ${files.length}\n` : `errors: ${errors}\n`);
exit(errors === 0 ? 0 : 1);
