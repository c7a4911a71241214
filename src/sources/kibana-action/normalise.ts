import { normaliseElastic } from "../../elastic/alert.ts";
import { type ElasticDocument, openDocument } from "../../elastic/document.ts";
import type { RuleFacts } from "../../elastic/rule.ts";
import type { JsonObject, NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import { hitOf } from "./decode.ts";
import { isBare, readFacts } from "./facts.ts";

interface Opened {
  readonly document: ElasticDocument;
  readonly facts: RuleFacts;
  /** Whether the message is all there is. */
  readonly isMessage: boolean;
}

/** Makes an alert of a document and the message around it, or of a message alone. */
export function normaliseAction(
  event: SourceEvent,
  context: Pick<NormaliseContext<unknown>, "name" | "kind">,
): Normalised {
  const { name, kind } = context;
  const { document, facts, isMessage } = open(event.document);
  const { repaired } = event;
  return {
    alert: normaliseElastic(document, {
      name,
      kind,
      product: "Kibana",
      repaired,
      facts,
      isMessage,
    }),
  };
}

function open(event: JsonObject): Opened {
  const hit = hitOf(event);
  if (hit !== null) {
    return { document: openDocument(hit), facts: readFacts(openDocument(event)), isMessage: false };
  }
  const document = openDocument(event);
  if (isBare(document)) return { document, facts: {}, isMessage: false };
  return { document, facts: readFacts(document), isMessage: true };
}
