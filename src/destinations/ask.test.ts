import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createAsk, isGone } from "./ask.ts";
import { sendingWith } from "./testing/messages.ts";

const schema = z.object({ id: z.number() });

function askWith(status: number, body: string, wanted: z.ZodType = schema) {
  const call = async () => ({ status, headers: {}, body });
  const ask = createAsk(
    call,
    () => ({ words: "no such thing" }),
    () => 0,
  );
  return ask({ url: "https://peer.test" }, wanted, sendingWith().sending);
}

describe("an answer", () => {
  it("that fits is what was asked for", async () => {
    expect(await askWith(200, '{"id":7,"more":1}')).toEqual({
      ok: true,
      value: { id: 7 },
      status: 200,
    });
  });

  it("without a body is fine where none is wanted", async () => {
    expect(await askWith(204, "", z.null())).toEqual({ ok: true, value: null, status: 204 });
  });

  it.each(["<html>", '{"id":"7"}', ""])(
    "of 200 with '%s' was not said by the peer",
    async (body) => {
      expect(await askWith(200, body)).toMatchObject({
        ok: false,
        verdict: { kind: "retry", reason: "unexpected_answer" },
      });
    },
  );

  it.each([
    [404, true],
    [410, true],
    [400, false],
    [500, false],
  ])("of %i says in the peer's words that it is gone: %s", async (status, gone) => {
    const asked = await askWith(status, "{}");
    expect(asked).toMatchObject({ verdict: { error: `HTTP ${status}: no such thing` } });
    expect(isGone(asked)).toBe(gone);
  });
});
