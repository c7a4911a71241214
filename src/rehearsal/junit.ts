/** Results of timeline tests as JUnit XML, which every CI shows. */
import type { ScenarioResult } from "./scenario.ts";

export interface FileResults {
  readonly file: string;
  readonly results: readonly ScenarioResult[];
}

/** One suite for each file. https://github.com/testmoapp/junitxml describes the format. */
export function toJunit(files: readonly FileResults[]): string {
  const all = files.flatMap(({ results }) => results);
  const suites = files.map(suite).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${counts(all)}>\n${suites}</testsuites>\n`;
}

function suite({ file, results }: FileResults): string {
  const cases = results.map((result) => testCase(file, result)).join("");
  return `  <testsuite name="${escapeXml(file)}"${counts(results)}>\n${cases}  </testsuite>\n`;
}

function testCase(file: string, { name, duration, error, differences }: ScenarioResult): string {
  const head = `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}" time="${seconds(duration)}"`;
  if (error !== null)
    return `${head}>\n      <error message="${escapeXml(error)}"/>\n    </testcase>\n`;
  if (differences.length === 0) return `${head}/>\n`;
  const lines = differences.map(({ kind, text }) => `${kind}: ${text}`);
  const message = escapeXml(lines[0] ?? "");
  const body = escapeXml(lines.join("\n"));
  return `${head}>\n      <failure message="${message}">${body}</failure>\n    </testcase>\n`;
}

function counts(results: readonly ScenarioResult[]): string {
  const errors = results.filter(({ error }) => error !== null).length;
  const failures = results.filter(({ passed, error }) => !passed && error === null).length;
  const time = results.reduce((sum, { duration }) => sum + duration, 0);
  return ` tests="${results.length}" failures="${failures}" errors="${errors}" time="${seconds(time)}"`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** Text for XML 1.0; characters that it cannot hold at all become a mark. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[<>&"'\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
