/** What a destination would be sent about an alert, without sending it. */
import type { Alert } from "../alert/schema.ts";
import { briefOf, deliveryKey } from "../delivery/attempt.ts";
import type { Message, Shown } from "../destinations/destination.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { TELLING_KINDS } from "../pipeline/outcome.ts";
import { threadKey } from "../pipeline/thread.ts";
import type { Configuration, ConfiguredDestination } from "./configuration.ts";
import { buildDestination } from "./destinations.ts";
import { createLinks } from "./links.ts";

/** What is asked to be rendered. */
export interface RenderAsked {
  /** Number or id of an alert. */
  readonly alert: string;
  readonly kind: (typeof TELLING_KINDS)[number];
}

export interface RenderParts {
  readonly configuration: Configuration;
  readonly ledger: Pick<Ledger, "getAlert" | "getCase">;
  /** Epoch milliseconds. */
  now(): number;
}

/**
 * Renders a message about an alert as it is now. Throws NOT_FOUND for an alert that is not there,
 * TEMPLATE_INVALID for a template that cannot be rendered, CONFIG_INVALID as building a destination does.
 */
export async function renderMessage(
  configured: ConfiguredDestination,
  asked: RenderAsked,
  { configuration, ledger, now }: RenderParts,
): Promise<Shown> {
  const message = await messageOf(configured, asked, { configuration, ledger });
  const print = () => {};
  const { destination } = await buildDestination(configured, { ...configuration, print, now });
  try {
    return destination.show(destination.render(message));
  } finally {
    await destination.close();
  }
}

async function messageOf(
  { name, common }: ConfiguredDestination,
  asked: RenderAsked,
  { configuration, ledger }: Pick<RenderParts, "configuration" | "ledger">,
): Promise<Message> {
  const alert = await readAlert(asked.alert, ledger);
  const links = createLinks(configuration);
  const found = alert.case_id === null ? null : await ledger.getCase(alert.case_id);
  return {
    kind: asked.kind,
    alert,
    digest: null,
    case: found && briefOf(found, links.case(found.id)),
    key: deliveryKey(alert.id, name, 0),
    thread: threadKey(alert, common.thread_by),
    memory: null,
    link: links.alert(alert.id),
    test: false,
  };
}

/** The alert alone, without what the ledger knows besides. */
async function readAlert(name: string, ledger: Pick<Ledger, "getAlert">): Promise<Alert> {
  const {
    routing: _routing,
    raw: _raw,
    trace: _trace,
    deliveries: _deliveries,
    events: _events,
    actions: _actions,
    ...alert
  } = await ledger.getAlert(name);
  return alert;
}
