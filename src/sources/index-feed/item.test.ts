import { expect, it } from "vitest";
import { decodeActionDocument } from "../elastic-actions/decode.ts";
import { decodeAlert } from "../elastic-alerts/decode.ts";
import { itemOf } from "./item.ts";

const HIT = { _index: "alerts", _id: "1", _source: {}, time: 5 };

it("is named after the document, and has it as a search gives it", () => {
  const document = { _index: "alerts", _id: "1", _source: {} };
  expect(itemOf(HIT, 5)).toEqual({ name: "es:alerts/1", at: 5, document });
});

it("is no event of any source where the document was too long to be read", () => {
  const { document } = itemOf({ ...HIT, cut: true }, 5);
  for (const decode of [decodeActionDocument, decodeAlert]) {
    const { events, rejected } = decode(document);
    expect([events, rejected.map(({ key }) => key)]).toEqual([[], ["es:alerts/1!0"]]);
  }
});
