/** What is wrong with a configuration, and where. */

export type Level = "error" | "warning";

/**
 * One thing to put right. `line` and `column` count from 1; they are 0 for what stands in no file, and
 * `file` is then what it is called.
 */
export interface Problem {
  readonly level: Level;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | undefined;
}

/** A path into the configuration: keys of maps and indexes of lists. */
export type Path = readonly (string | number)[];

/** A problem that knows its place in the data but not yet in the text. */
export interface Finding {
  readonly level: Level;
  readonly path: Path;
  /** Whether the key or the value is at fault; the value unless told. */
  readonly at?: "key" | "value";
  /** Characters into the value, for text that has a syntax of its own. */
  readonly offset?: number | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** `file:line:col message — hint` on one line; warnings say that they are. */
export function formatProblem(problem: Problem): string {
  const { file, line, column } = problem;
  const place = line === 0 ? `${file}:` : `${file}:${line}:${column}`;
  const message = problem.level === "warning" ? `warning: ${problem.message}` : problem.message;
  const text = problem.hint === undefined ? message : `${message} — ${problem.hint}`;
  return `${place} ${showControls(text)}`;
}

/** In the order of the text; on the same place errors come first. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) => a.line - b.line || a.column - b.column || a.level.localeCompare(b.level),
  );
}

/** Makes a finding out of `message — hint`, the form in which schemas write their messages. */
export function splitHint(text: string): { message: string; hint: string | undefined } {
  const dash = text.lastIndexOf(" — ");
  if (dash === -1) return { message: text, hint: undefined };
  return { message: text.slice(0, dash), hint: text.slice(dash + 3) };
}

/** Text of the configuration may hold line ends and escape sequences; a terminal must not obey. */
function showControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
