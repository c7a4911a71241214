/** What both bodies of a mail show. Mail programs make links of what looks like one: it is disarmed. */
import { defang } from "../../template/filters.ts";
import type { Message } from "../destination.ts";
import { factsOf, linkUrl, type Fact } from "../facts.ts";
import { manyLines } from "../text.ts";

export const MAX_ALERTS = 50;

/** Ids of ATT&CK and times have dots that are no domain's. */
const NO_LINK = /^(T[A-Z]?\d{4}(\.\d{3})?|((since|last) )?\d{4}-\d\d-\d\dT[\d:.]+Z)$/;

/** The facts of a message, fit to be shown where addresses become links. */
export function factsShown(message: Message): Fact[] {
  const shown = (value: string) => (NO_LINK.test(value) ? value : disarmed(value));
  return factsOf(message).map(({ label, values }) => ({ label, values: values.map(shown) }));
}

/** Text of an alert in which no mail program finds a link. */
export function disarmed(text: string): string {
  return defang(text);
}

/** The long texts of an alert, none of them twice; of a digest there are none. */
export function textsOf({ alert, digest }: Message): string[] {
  if (digest) return [];
  const given = [alert.reason, alert.description].filter((text) => text?.trim()) as string[];
  return [...new Set(given)].map((text) => disarmed(manyLines(text)));
}

export interface Link {
  readonly label: string;
  readonly url: string;
}

/** Where a person reads more. The vendor's URL comes from the alert: its label names the host. */
export function linksOf({ alert, digest, link, ...message }: Message): Link[] {
  const own = linkUrl(link);
  const ofCase = linkUrl(message.case?.link ?? null);
  const vendor = digest ? undefined : linkUrl(alert.external.url);
  return [
    ...(own ? [{ label: "Open in Tocsin", url: own.href }] : []),
    ...(ofCase ? [{ label: "Open the case", url: ofCase.href }] : []),
    ...(vendor ? [{ label: `Open at ${vendor.host}`, url: vendor.href }] : []),
  ];
}
