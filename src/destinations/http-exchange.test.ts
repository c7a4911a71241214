import { describe, expect, it } from "vitest";
import { fail } from "../errors.ts";
import type { Http } from "../net/http.ts";
import { exchange } from "./http-exchange.ts";
import { sendingWith } from "./testing/messages.ts";

const request = {
  method: "POST",
  url: "https://peer.test/hook/T0kEn99?sig=q1w2e3r4",
  headers: { authorization: "Bearer abcdef123456", "x-team": "soc", "x-pin": "1234" },
  body: "pin 1234 for abcdef123456",
};
const secrets = ["Bearer abcdef123456", "1234"];

const answering = (body: string): Http => ({
  request: async () => ({ status: 200, headers: {}, body }),
  close: async () => {},
});

describe("a recorded exchange", () => {
  it("shows method, URL, headers, body, status and answer", async () => {
    const { sending, exchanges } = sendingWith();
    await exchange(answering("fine"), request, [], sending);
    const shown = exchanges[0]?.request.split("\n");
    expect(shown?.[0]).toBe("POST https://peer.test/hook/…?…");
    expect(shown).toContain("x-team: soc");
    expect(shown?.at(-1)).toContain("pin 1234");
    expect(exchanges[0]?.answer).toBe("HTTP 200\n\nfine");
  });

  it("keeps what stands in a public URL, so that answers with the same ids can be read", async () => {
    const { sending, exchanges } = sendingWith();
    const echo = "got abcdef123456 at T0kEn99";
    const answer = await exchange(answering(echo), request, secrets, sending, "public");
    expect(answer.body).toBe("got <secret> at T0kEn99");
    expect(exchanges[0]?.request).toContain("POST https://peer.test/hook/…?…");
  });

  it("hides secrets in headers, and wherever else they stand", async () => {
    const { sending, exchanges } = sendingWith();
    const echo = "got abcdef123456 at /hook/T0kEn99?sig=q1w2e3r4";
    const answer = await exchange(answering(echo), request, secrets, sending);
    const all = JSON.stringify([exchanges, answer]);
    for (const secret of ["abcdef123456", "T0kEn99", "q1w2e3r4"]) expect(all).not.toContain(secret);
    expect(exchanges[0]?.request).toContain("authorization: <secret>");
    expect(exchanges[0]?.request).toContain("x-pin: <secret>");
  });

  it("hides secrets also as JSON writes them", async () => {
    const { sending } = sendingWith();
    const secret = 'pass"word\\with';
    const said = JSON.stringify({ message: `unknown: ${secret}` });
    const answer = await exchange(answering(said), request, [secret], sending);
    expect(JSON.parse(answer.body)).toEqual({ message: "unknown: <secret>" });
  });

  it("leaves short secrets in texts alone: they match by chance", async () => {
    const { sending, exchanges } = sendingWith();
    await exchange(answering("1234"), request, [...secrets, "12"], sending);
    expect(exchanges[0]?.request).toContain("pin 1234 for <secret>");
  });

  it("is kept when there is no answer", async () => {
    const { sending, exchanges } = sendingWith();
    const error = fail("REQUEST_FAILED", { component: "x", message: "POST https://peer.test: no" });
    const http: Http = { request: () => Promise.reject(error), close: async () => {} };
    await expect(exchange(http, request, secrets, sending)).rejects.toBe(error);
    expect(exchanges[0]?.answer).toBe("POST https://peer.test: no");
  });
});
