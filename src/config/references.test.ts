import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { referenceResolver, resolveReferences } from "./references.ts";

const directory = mkdtempSync(join(tmpdir(), "tocsin-references-"));
afterAll(() => rmSync(directory, { recursive: true }));

const resolver = referenceResolver({ env: { TOKEN: "t0ken", EMPTY: "" }, directory });
const resolve = (tree: unknown) => resolveReferences(tree, resolver);
const messageOf = (text: string) => {
  const [finding] = resolve({ a: text }).findings;
  return finding && `${finding.message} — ${finding.hint}`;
};

describe("resolveReferences", () => {
  it("replaces a reference to the environment wherever a text stands", () => {
    const tree = { a: "${env:TOKEN}", b: [{ c: "Bearer ${env:TOKEN}!" }], d: 3, e: null };
    expect(resolve(tree).value).toEqual({ a: "t0ken", b: [{ c: "Bearer t0ken!" }], d: 3, e: null });
  });

  it("reads a file relative to the configuration and drops one trailing line end", () => {
    writeFileSync(join(directory, "one.secret"), "s3cret\r\n");
    writeFileSync(join(directory, "two.secret"), " s3cret \n\n");
    expect(resolve(["${file:one.secret}", "${file:./two.secret}"]).value).toEqual([
      "s3cret",
      " s3cret \n",
    ]);
  });

  it("does not resolve what a value contains", () => {
    const nested = referenceResolver({ env: { A: "${env:B}", B: "b" }, directory });
    expect(resolveReferences("${env:A}", nested).value).toBe("${env:B}");
  });

  it("takes $${ for a literal ${", () => {
    expect(resolve("$${env:TOKEN}")).toMatchObject({ value: "${env:TOKEN}", findings: [] });
  });

  it("keeps a key named __proto__ a plain key", () => {
    const tree = JSON.parse('{"__proto__": {"polluted": "yes"}}') as unknown;
    expect(Object.keys(resolve(tree).value as object)).toEqual(["__proto__"]);
  });

  it("refuses what cannot be resolved and leaves it as written", () => {
    writeFileSync(join(directory, "empty.secret"), "\n");
    writeFileSync(join(directory, "big.secret"), "x".repeat(70_000));
    expect(messageOf("${env:GONE}")).toBe(
      "environment variable GONE is not set — set it where Tocsin is started",
    );
    expect(messageOf("${env:EMPTY}")).toBe("environment variable EMPTY is empty — give it a value");
    expect(messageOf("${file:gone.secret}")).toBe(
      "gone.secret does not exist — paths are relative to the configuration file",
    );
    expect(messageOf("${file:.}")).toBe(". is not a file — name a file");
    expect(messageOf("${file:empty.secret}")).toBe(
      "empty.secret is empty — write the value into it",
    );
    expect(messageOf("${file:big.secret}")).toBe("big.secret is too large — at most 64 KiB");
    expect(messageOf("${TOKEN}")).toBe(
      "`${TOKEN}` is not a reference — write ${env:NAME} or ${file:path}; $${ for a literal ${",
    );
    expect(messageOf("${vault:secret/soc#token}")).toBe(
      "vault references are not supported by this version — use ${file:…} written by the Vault agent",
    );
    expect(resolve("${env:GONE}").value).toBe("${env:GONE}");
  });
});
