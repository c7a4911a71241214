/** The text of a configuration file: YAML parsed with limits, and the way back to line and column. */
import { isScalar, LineCounter, parseDocument, visit, type Document, type YAMLError } from "yaml";
import { messageOf } from "../errors.ts";
import { findPosition } from "./positions.ts";
import type { Level, Path } from "./problem.ts";

const MAX_BYTES = 1024 ** 2;
const MAX_DEPTH = 64;
/** Also counted with what they repeat: a small file must not grow into a huge tree. */
const MAX_ALIASES = 100;

/** A place in the text; `line` and `column` count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with the text as YAML. */
interface Remark extends Place {
  readonly level: Level;
  readonly message: string;
  readonly hint: string | undefined;
}

export interface ConfigDocument {
  /** The content as plain data; undefined when the text could not be read. */
  readonly value: unknown;
  readonly remarks: readonly Remark[];
  /** The place of what `path` leads to, or of the nearest thing around it that exists. */
  locate(path: Path, at?: "key" | "value", offset?: number): Place;
}

/** Parses the text of a configuration file. Never throws: what is wrong is in `remarks`. */
export function parseConfigDocument(text: string): ConfigDocument {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return unreadable("the file is larger than 1 MiB", undefined);
  }
  try {
    return readDocument(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    // The parser and the conversion recurse: a RangeError is an exhausted stack.
    if (error instanceof RangeError) return tooDeep();
    if (error instanceof ReferenceError) return unreadable("aliases repeat too much", ALIAS_LIMIT);
    return unreadable(`the file cannot be read: ${messageOf(error)}`, undefined);
  }
}

const ALIAS_LIMIT = `at most ${MAX_ALIASES}, counted with the aliases in what they repeat`;

function readDocument(text: string): ConfigDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const toPlace = (position: number) => placeOf(counter, position);
  const broken = nodeRemarks(document, toPlace);
  const remarks = [
    ...tellingErrors(document.errors).map((error) => syntaxRemark(error, "error", toPlace)),
    ...document.warnings.map((error) => syntaxRemark(error, "warning", toPlace)),
    ...broken,
  ];
  // With a key that is there twice the rest can still be judged.
  const isReadable = document.errors.every(isDuplicateKey);
  const locate: ConfigDocument["locate"] = (path, at = "value", offset = 0) =>
    toPlace(findPosition(document, text, path, at, offset));
  if (!isReadable || broken.length > 0) return { value: undefined, remarks, locate };

  const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
  if (isDeeperThan(value, MAX_DEPTH)) return tooDeep();
  // An empty file is an empty configuration.
  return { value: value ?? {}, remarks, locate };
}

function unreadable(message: string, hint: string | undefined): ConfigDocument {
  const start = { line: 1, column: 1 };
  const remark: Remark = { level: "error", ...start, message, hint };
  return { value: undefined, remarks: [remark], locate: () => start };
}

function tooDeep(): ConfigDocument {
  return unreadable("the file is nested too deeply", `at most ${MAX_DEPTH} levels`);
}

function placeOf(counter: LineCounter, position: number): Place {
  const { line, col } = counter.linePos(position);
  // For the counter, an empty text has no line 1.
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Where the parser's words would not help: what to say instead, and what to do. */
const EXPLANATIONS: Readonly<Record<string, readonly [string, string]>> = {
  BLOCK_AS_IMPLICIT_KEY: ["a key where a value was expected", "put a text with `: ` in quotes"],
  DUPLICATE_KEY: ["this key is there twice", "keep one of them"],
  MULTIPLE_DOCS: ["there is more than one document", "remove the `---` that starts another"],
  TAB_AS_INDENT: ["a tab is not indentation", "indent with spaces"],
};

/** All duplicate keys, and the first syntax error: what follows it mostly follows from it. */
function tellingErrors(errors: readonly YAMLError[]): YAMLError[] {
  const first = errors.find((error) => !isDuplicateKey(error));
  return errors.filter((error) => error === first || isDuplicateKey(error));
}

function isDuplicateKey(error: YAMLError): boolean {
  return error.code === "DUPLICATE_KEY";
}

function syntaxRemark(
  error: YAMLError,
  level: Level,
  toPlace: (position: number) => Place,
): Remark {
  const [message, hint] = EXPLANATIONS[error.code] ?? [`not valid YAML: ${error.message}`];
  return { level, ...toPlace(error.pos[0]), message, hint };
}

/** What the parser accepts and the conversion to plain data would stumble over. */
function nodeRemarks(document: Document, toPlace: (position: number) => Place): Remark[] {
  const remarks: Remark[] = [];
  const report = (position: number | undefined, message: string, hint: string) =>
    remarks.push({ level: "error", ...toPlace(position ?? 0), message, hint });
  let aliases = 0;
  visit(document, {
    Alias(_key, alias) {
      const position = alias.range?.[0];
      aliases += 1;
      if (aliases > MAX_ALIASES) {
        report(position, "too many aliases", ALIAS_LIMIT);
        return visit.BREAK;
      }
      if (alias.resolve(document)) return undefined;
      report(position, `nothing is named *${alias.source}`, "define it earlier with &name");
      return undefined;
    },
    Pair(_key, pair) {
      if (isScalar(pair.key)) return;
      const position = (pair.key as { range?: [number, number, number] } | null)?.range?.[0];
      report(position, "a key must be plain text", "write it like `name: value`");
    },
  });
  return remarks;
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeperThan(child, levels - 1));
}
