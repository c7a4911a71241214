/** The fenced blocks of a Markdown page, with what their info strings ask for. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Block {
  /** `docs/guides/slack.md:12`, the line of its fence. */
  readonly place: string;
  readonly language: string;
  /** The words behind the language: `exit=1` is `1`, `server` is an empty text. */
  readonly words: ReadonlyMap<string, string>;
  readonly text: string;
}

export interface Page {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** The pages that people read first: the README and the guides. */
export function readPages(): Page[] {
  const guides = readdirSync(join(ROOT, "docs", "guides")).toSorted();
  return ["README.md", ...guides.map((name) => `docs/guides/${name}`)].map(readPage);
}

/** One page and its blocks. */
export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), "utf8");
  return { path, text, blocks: [...findBlocks(path, text)] };
}

const FENCED = /^```(\w+)([^\n]*)\n([^]*?)^```$/gm;

function* findBlocks(path: string, text: string): Generator<Block> {
  for (const match of text.matchAll(FENCED)) {
    const [, language = "", info = "", body = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    yield { place: `${path}:${line}`, language, words: readWords(info), text: body };
  }
}

function readWords(info: string): Map<string, string> {
  const words = info.matchAll(/([\w-]+)(?:=(?:"([^"]*)"|(\S+)))?/g);
  return new Map([...words].map(([, name = "", quoted, bare]) => [name, quoted ?? bare ?? ""]));
}

/** Every Markdown page of the project that people write, for checking links. */
export function listPages(): string[] {
  const folders = ["docs", "examples"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
  );
  return ["README.md", "AGENTS.md", "CHANGELOG.md", ...folders];
}
