/** From a path into the data back to a position in the YAML text. */
import { isAlias, isMap, isScalar, isSeq, type Document, type Node } from "yaml";
import type { Path } from "./problem.ts";

/** What a path leads to: `key` is the node of the innermost map key on the way. */
interface Target {
  readonly key: unknown;
  readonly value: unknown;
  readonly found: boolean;
}

/**
 * The index in the text of what `path` leads to. What is missing is found where it should have
 * been: at the key of what should hold it.
 */
export function findPosition(
  document: Document,
  text: string,
  path: Path,
  at: "key" | "value",
  offset: number,
): number {
  const target = follow(document, path);
  const atKey = at === "key" || !target.found || isBlank(target.value);
  const keyStart = startOf(target.key);
  if (atKey && keyStart !== undefined) return keyStart;
  if (path.length > 0 && !target.found) return startOf(target.value) ?? 0;
  return (startOf(target.value) ?? keyStart ?? 0) + offsetWithin(target.value, text, offset);
}

function follow(document: Document, path: Path): Target {
  let target: Target = { key: null, value: document.contents, found: true };
  for (const segment of path) {
    const next = descend(resolveAlias(target.value, document), segment);
    if (next === undefined) return { ...target, found: false };
    // An item of a list has no key: while going down into it, nothing outside stands for it.
    target = { ...next, found: true };
  }
  return target;
}

function descend(
  node: unknown,
  segment: string | number,
): { key: unknown; value: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    return item === undefined ? undefined : { key: null, value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => keyText(item.key) === String(segment));
  return pair && { key: pair.key, value: pair.value };
}

function resolveAlias(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

function isBlank(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null && !node.source);
}

/** Only where the text is written as it is read: without escapes, folds or references. */
function offsetWithin(node: unknown, text: string, offset: number): number {
  if (offset === 0 || !isScalar(node) || typeof node.value !== "string" || !node.range) return 0;
  const written = text.slice(node.range[0], node.range[1]);
  if (written === node.value) return offset;
  return written.slice(1, -1) === node.value ? offset + 1 : 0;
}
