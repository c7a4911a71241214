/**
 * Writes docs/reference/engines.md from vitest's JSON report: what the tests of each search engine
 * came to. With `--check` it writes nothing and fails when the page is not what the report says.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { table } from "./markdown.mjs";

const PAGE = "docs/reference/engines.md";
const ENGINE = /^(?:elasticsearch|opensearch) \d[\d.]*$/;

const path = join(dirname(fileURLToPath(import.meta.url)), "..", PAGE);
const [report = "", mode] = process.argv.slice(2);
const tests = JSON.parse(readFileSync(report, "utf8")).testResults.flatMap(readFile);
const page = pageOf(tests);

if (mode !== "--check") writeFileSync(path, page);
else if (!existsSync(path) || readFileSync(path, "utf8") !== page) complain();

/** The tests of a file that belong to an engine, in the order in which they are written. */
function readFile({ name, assertionResults }) {
  const file = basename(name, ".test.ts");
  return assertionResults.flatMap(({ ancestorTitles, status }) => {
    const at = ancestorTitles.findIndex((title) => ENGINE.test(title));
    if (at === -1) return [];
    const group = ancestorTitles[at + 1];
    const capability = group === undefined ? file : `${file}: ${group}`;
    return [{ engine: ancestorTitles[at], file, capability, passed: status === "passed" }];
  });
}

function pageOf(all) {
  const engines = [...new Set(all.map(({ engine }) => engine))].toSorted(byName);
  const files = [...new Set(all.map(({ file }) => file))].toSorted(byName);
  const rows = files.flatMap((file) => rowsOf(all, file, engines));
  return `# Engines

This page is generated from a run of the tests against real search engines: ✓ and how many tests passed,
✗ where one did not, — where there is nothing to test. What needs users and privileges is tested with
Elasticsearch; the distribution of OpenSearch that is tested has no security.

${table(["tests of", ...engines], rows)}
`;
}

/** One row for each group of a file; what stands in no group comes first. */
function rowsOf(all, file, engines) {
  const own = all.filter((test) => test.file === file);
  const capabilities = [...new Set([file, ...own.map(({ capability }) => capability)])];
  return capabilities
    .map((capability) => own.filter((test) => test.capability === capability))
    .filter((group) => group.length > 0)
    .map((group) => [group[0].capability, ...engines.map((engine) => cellOf(group, engine))]);
}

function cellOf(group, engine) {
  const own = group.filter((test) => test.engine === engine);
  const passed = own.filter((test) => test.passed).length;
  if (own.length === 0) return "—";
  return passed === own.length ? `✓ ${passed}` : `✗ ${passed} of ${own.length}`;
}

function byName(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}

function complain() {
  process.stderr.write(`${PAGE} is not what the tests came to\n  hint: npm run test:engines\n`);
  process.exitCode = 1;
}
