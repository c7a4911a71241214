import { emptyContent } from "../../alert/content.ts";
import { boundKey } from "../../alert/key.ts";
import type { AlertContent } from "../../alert/schema.ts";
import type { NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import { keyOf } from "./decode.ts";
import { formOf, type Form } from "./forms.ts";
import { fillIncident } from "./incident.ts";
import { fillMonitor } from "./monitor.ts";
import { fillRow } from "./row.ts";

/** Reads a body of any form. A later state of the same incident or alert updates the first. */
export function normaliseSentinel(
  event: SourceEvent,
  context: NormaliseContext<unknown>,
): Normalised {
  const { name, kind } = context;
  const source = { name, kind, vendor: "Microsoft", product: "Microsoft Sentinel", space: null };
  const alert = emptyContent(source);
  alert.rule.name = event.stream;
  const form = formOf(event.document);
  if (form !== null) fill(alert, form, event);
  alert.title ||= event.stream;
  alert.provenance.repaired.push(...event.repaired);
  const key = form === null ? null : keyOf(form, name);
  return { alert, updates: key === null ? undefined : boundKey(key) };
}

function fill(alert: AlertContent, form: Form, { document }: SourceEvent): void {
  if (form.kind === "incident") fillIncident(alert, form, document);
  else if (form.kind === "row") fillRow(alert, form.row);
  else fillMonitor(alert, form.essentials);
}
