/**
 * Reads vitest's JSON report, prints one closing line, and fails when a test was skipped: what is
 * skipped elsewhere has to run here.
 */
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const { numPassedTests: passed, numFailedTests: failed, testResults } = report;
const skipped = testResults
  .flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ name, ...test })))
  .filter(({ status }) => status !== "passed" && status !== "failed");

for (const { name, fullName } of skipped) process.stderr.write(`skipped: ${name}: ${fullName}\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
process.exit(failed === 0 && skipped.length === 0 && passed > 0 ? 0 : 1);
