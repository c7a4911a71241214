import { describe, expect, it } from "vitest";
import { fail } from "../errors.ts";
import { excerptOf, readRetryAfter, verdictOfAnswer, verdictOfError } from "./http-verdict.ts";

const NOW = Date.UTC(2026, 4, 5, 10, 0, 0);
const verdict = (status: number, headers: Record<string, string> = {}, body = "") =>
  verdictOfAnswer({ status, headers, body }, NOW);

describe("an answer", () => {
  it.each([200, 201, 202, 204, 299])("with %i is delivered", (status) => {
    expect(verdict(status)).toEqual({ kind: "delivered", status });
  });

  it.each([
    [408, "rate_limited"],
    [425, "rate_limited"],
    [429, "rate_limited"],
    [500, "server_error"],
    [503, "server_error"],
    [599, "server_error"],
    [600, "unexpected_answer"],
    [101, "unexpected_answer"],
  ])("with %i is tried again: %s", (status, reason) => {
    expect(verdict(status)).toMatchObject({
      kind: "retry",
      reason,
      status,
      error: `HTTP ${status}`,
    });
  });

  it.each([
    [301, "redirect"],
    [304, "redirect"],
    [400, "rejected_by_peer"],
    [401, "unauthorized"],
    [403, "unauthorized"],
    [404, "not_found"],
    [410, "not_found"],
    [413, "rejected_by_peer"],
    [422, "rejected_by_peer"],
  ])("with %i is rejected: %s", (status, reason) => {
    expect(verdict(status)).toMatchObject({ kind: "reject", reason, status });
  });

  it("tells how long to wait, for errors of the server too", () => {
    expect(verdict(429, { "retry-after": "7" })).toMatchObject({ after: 7000 });
    expect(verdict(503, { "retry-after": "7" })).toMatchObject({ after: 7000 });
    expect(verdict(429)).toMatchObject({ after: undefined });
  });

  it("quotes the peer in one line", () => {
    expect(verdict(400, {}, "bad\nthing")).toMatchObject({ error: "HTTP 400: bad thing" });
  });
});

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["120", 120_000],
    [" 1.5 ", 1500],
    ["Tue, 05 May 2026 10:00:30 GMT", 30_000],
    ["Tuesday, 05-May-26 10:00:30 GMT", 30_000],
    ["Tue May  5 10:00:30 2026", undefined], // names no zone; no server sends it any more
    ["Tue, 05 May 2026 09:00:00 GMT", 0],
    ["99999999999", 86_400_000],
    ["Fri, 05 May 2056 10:00:00 GMT", 86_400_000],
    ["-5", undefined],
    ["soon", undefined],
    ["Tue, whenever", undefined],
    ["", undefined],
    ["2026", 2_026_000],
  ])("'%s' is %s ms", (header, wanted) => {
    expect(readRetryAfter(header, NOW)).toBe(wanted);
  });

  it("may be missing", () => {
    expect(readRetryAfter(undefined, NOW)).toBeUndefined();
  });
});

describe("an excerpt", () => {
  it("of an HTML page is its text", () => {
    const page =
      "<html><style>p{}</style><script>x()</script><body><h1>Bad\u0007</h1>\n<p>a < b</p></body>";
    expect(excerptOf(page)).toBe("Bad␇ a < b");
  });

  it("shows that something was hidden, which is no markup", () => {
    expect(excerptOf("<b>not <secret></b>")).toBe("not <secret>");
  });

  it("has at most 200 characters and no controls", () => {
    const text = excerptOf(`\u001b[31m${"x".repeat(1000)}`);
    expect(text).toHaveLength(200);
    expect(text.startsWith("␛[31mxxx")).toBe(true);
    expect(text.endsWith("…")).toBe(true);
  });

  it("of a page made to be slow takes no time", () => {
    const started = performance.now();
    excerptOf("<style".repeat(100_000));
    excerptOf("<".repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe("an error", () => {
  const details = { component: "destination x", message: "POST http://x: no", hint: "look" };

  it("of the network is a retry with its reason", () => {
    const error = fail("REQUEST_FAILED", { ...details, data: { reason: "dns" } });
    expect(verdictOfError(error)).toEqual({
      kind: "retry",
      reason: "dns",
      error: "POST http://x: no — look",
    });
  });

  it("of the egress guard is a rejection", () => {
    expect(verdictOfError(fail("EGRESS_REFUSED", details))).toMatchObject({
      kind: "reject",
      reason: "egress_refused",
    });
  });

  it("of a request that cannot be made is a rejection", () => {
    expect(verdictOfError(fail("REQUEST_INVALID", details))).toMatchObject({
      kind: "reject",
      reason: "render_failed",
    });
  });

  it("that is a bug stays an error", () => {
    expect(() => verdictOfError(new TypeError("x is not a function"))).toThrow(TypeError);
    expect(() => verdictOfError(fail("INTERNAL", details))).toThrow("POST http://x: no");
  });
});
