/** Stands between Tocsin and an engine, and lets a test do something while a page is asked for. */
import { startPeer, type Received } from "../peers/peer.ts";

export interface Tap {
  readonly url: string;
  /**
   * Does something when the page of this number (the next one is 1) was asked for, before the engine
   * hears of it. What answers `break` breaks the connection; the engine never hears of it then.
   */
  before(page: number, act: (search: Received) => Promise<"pass" | "break">): void;
  close(): Promise<void>;
}

/** Pages are searches in a point in time; those have no index in their path. */
const PAGE = /^\/_search(?:\?|$)/;
/** What speaks of a connection and not of what goes over it. */
const HOP = new Set(["connection", "content-length", "host", "keep-alive", "transfer-encoding"]);

export async function startTap(engine: string): Promise<Tap> {
  let pages = 0;
  const acts = new Map<number, Parameters<Tap["before"]>[1]>();
  const peer = await startPeer(async (received, response) => {
    const act = PAGE.test(received.path) ? acts.get((pages += 1)) : undefined;
    if ((await act?.(received)) === "break") return void response.destroy();
    const answer = await pass(engine, received).catch(() => null);
    if (!answer) return void response.destroy();
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
  });
  return {
    url: `http://127.0.0.1:${peer.port}`,
    before: (page, act) => void acts.set(pages + page, act),
    close: () => peer.close(),
  };
}

async function pass(engine: string, { method, path, headers, body }: Received): Promise<Response> {
  const kept = Object.entries(headers).filter(([name]) => !HOP.has(name));
  const sent = body === "" ? {} : { body };
  return await fetch(`${engine}${path}`, {
    method,
    headers: kept.map(([name, value]): [string, string] => [name, String(value)]),
    ...sent,
  });
}

/** Closes the point in time of a search behind the reader's back, in the words of either maker. */
export async function loseContext(engine: string, { body }: Received): Promise<void> {
  const { pit } = JSON.parse(body) as { pit: { id: string } };
  const forget = async (path: string, content: object) => {
    const headers = { "content-type": "application/json" };
    const sent = { method: "DELETE", headers, body: JSON.stringify(content) };
    return (await fetch(`${engine}${path}`, sent)).ok;
  };
  const isLost =
    (await forget("/_pit", { id: pit.id })) ||
    (await forget("/_search/point_in_time", { pit_id: [pit.id] }));
  if (!isLost) throw new RangeError("the engine kept the point in time");
}
