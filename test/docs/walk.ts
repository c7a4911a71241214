/**
 * Walks through a page as its reader would: one folder, one block after the other, one server when
 * the page starts it. So that pages can be walked at once and need nothing of the outside:
 *
 * - every port of 127.0.0.1 that a page names is replaced by a free one, everywhere in its blocks;
 * - `tocsin`, `npx tocsin` and `npm start` are the program that was built; `tocsin send` is told the
 *   server's port where no configuration names it. The real `npm start` may install and build first, under
 *   the feet of other tests; ports in what `tocsin init` writes are replaced as well;
 * - environment variables of `${env:NAME}` have values; where a configuration has a kind of destination
 *   with a peer in `peers.ts`, it leads to that, a strict fake or a real server;
 * - `https://es.example.org` leads to a strict fake of Elasticsearch, also in commands: it has one alert of
 *   an hour ago and an empty action index; `https://kibana.example.org` in a configuration leads to a
 *   strict fake of its Kibana, any other `https://….example.org` to a server that answers 200;
 * - `/opt/soc` is the page's folder;
 * - `INGEST_KEY` and `QUARANTINE_ID` stand for a key of this server and for what its quarantine has.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../peers/free-port.ts";
import { startElasticsearch, type FakeElasticsearch } from "../peers/elasticsearch.ts";
import { startKibana, type FakeKibana } from "../peers/kibana.ts";
import { startPeer, type Peer } from "../peers/peer.ts";
import type { Block } from "./blocks.ts";
import { kindsWithPeer, startKind, type RunningPeer } from "./peers.ts";
import { sampleEnv } from "./sample-env.ts";
import {
  addressOf,
  launch,
  MAIN,
  run,
  tocsinJson,
  until,
  type Ended,
  type Running,
} from "./tocsin.ts";

const DEFAULT_PORT = "7373";
/** What the server gets where a page has no configuration of its own: the defaults, another port. */
const PLAIN = "plain.yaml";
const CONFIGURATION = "tocsin.yaml";

export class Walk {
  readonly folder = mkdtempSync(join(tmpdir(), "tocsin-docs-"));
  readonly env: Record<string, string> = {};
  readonly #name: string;
  readonly #text: string;
  readonly #ports = new Map<string, number>();
  readonly #background: Running[] = [];
  #sink: Peer | null = null;
  #elastic: FakeElasticsearch | null = null;
  #kibana: FakeKibana | null = null;
  readonly #peers: RunningPeer[] = [];
  #server: Running | null = null;
  #key = "";
  #last: Ended = { code: null, out: "", err: "" };

  /** `text` is all that names ports and environment variables. */
  constructor(name: string, text: string) {
    this.#name = name;
    this.#text = text;
  }

  async open(): Promise<void> {
    const named = [...this.#text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port = ""]) => port);
    for (const port of new Set([DEFAULT_PORT, ...named])) {
      this.#ports.set(port, await freePort());
    }
    this.#sink = await startPeer((_received, response) => void response.writeHead(200).end());
    const alert = alertOfAnHourAgo();
    this.#elastic = await startElasticsearch({ documents: [alert] });
    this.#elastic.indices.add("siem-alert");
    this.#kibana = await startKibana();
    // One document, as in earnest: what Kibana changes the index shows.
    this.#kibana.alerts("default").push(alert);
    for (const kind of kindsWithPeer(this.#text)) this.#peers.push(await startKind(kind));
    const ports = this.#peers.flatMap((peer) => [...peer.ports]);
    for (const [port, own] of ports) if (named.includes(port)) this.#ports.set(port, own);
    const envs = this.#peers.map(({ env }) => env);
    Object.assign(this.env, sampleEnv(this.#text), ...envs, {
      PATH: `${this.#writeCommands()}:${process.env["PATH"] ?? ""}`,
      NO_COLOR: "1",
    });
    this.#writeConfiguration("", PLAIN);
  }

  async close(): Promise<void> {
    const running = [...this.#background, ...(this.#server ? [this.#server] : [])];
    await Promise.all(running.map((each) => each.stop()));
    await this.#sink?.close();
    await this.#elastic?.close();
    await this.#kibana?.close();
    await Promise.all(this.#peers.map((peer) => peer.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the server has printed. */
  get printed(): string {
    return this.#server?.out() ?? "";
  }

  /** What the peer of a kind of destination shows by now; null where the page has no such peer. */
  keptBy(kind: string): readonly unknown[] | null {
    return this.#peers.find((peer) => peer.kind === kind)?.kept() ?? null;
  }

  /** What came to the addresses at `example.org`. */
  get received(): Peer["received"] {
    return this.#sink?.received ?? [];
  }

  /** The changes of status that the fake of Kibana accepted. */
  get statusChanges(): FakeKibana["changes"] {
    return this.#kibana?.changes ?? [];
  }

  /** What `tocsin audit` says. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into it
  audit(): Promise<any> {
    return tocsinJson(["audit"], this.#world);
  }

  /** Writes a file into the folder; the configuration is made to lead to this walk's peers. */
  write(name: string, text: string): void {
    if (name === CONFIGURATION) this.#writeConfiguration(text, name);
    else if (name.endsWith(".yaml")) writeFileSync(join(this.folder, name), this.#toPeers(text));
    else writeFileSync(join(this.folder, name), this.#translate(text));
  }

  /** Runs the commands of a block and answers how they ended. */
  async runBlock(block: Block): Promise<Ended> {
    if (block.words.has("server")) await this.#start(block);
    else if (block.words.has("background")) await this.#startBackground(block);
    else this.#last = await run(["bash", "-ec", await this.#script(block)], this.#world);
    return this.#last;
  }

  /** Standard output of the block that ran last. */
  get output(): string {
    return this.#last.out;
  }

  #translate(text: string): string {
    let translated = text.replaceAll("/opt/soc/", `${this.folder}/`);
    for (const [port, free] of this.#ports)
      translated = translated.replaceAll(new RegExp(`\\b${port}\\b`, "g"), String(free));
    return translated;
  }

  /** A text as it reads with this walk's ports and key. */
  fill(text: string): string {
    return this.#translate(text).replaceAll("INGEST_KEY", this.#key);
  }

  get #world() {
    return { cwd: this.folder, env: this.env };
  }

  async #script({ text }: Block): Promise<string> {
    await this.#settle();
    let script = this.#toElastic(this.fill(text));
    if (script.includes("QUARANTINE_ID")) {
      const { items } = await tocsinJson(["quarantine", "list"], this.#world);
      script = script.replaceAll("QUARANTINE_ID", String(items[0]?.id));
    }
    return script;
  }

  /** Everything that came in is decided: what a reader takes for granted while typing. */
  async #settle(): Promise<void> {
    if (!this.#server) return;
    const isDecided = async () => (await this.audit()).in_flight.entries === 0;
    await until(isDecided, `${this.#name}: all entries are decided`);
  }

  /** Starts the page's server; one that runs already is stopped before, as for a new configuration. */
  async #start({ text }: Block): Promise<void> {
    await this.#server?.stop();
    const own = join(this.folder, CONFIGURATION);
    const env = {
      ...this.env,
      TOCSIN_CONFIG: existsSync(own) ? own : join(this.folder, PLAIN),
      TOCSIN_DATA: join(this.folder, "data"),
    };
    this.#server = launch(["bash", "-ec", `exec ${text.trim()}`], { cwd: this.folder, env });
    await addressOf(this.#server);
    this.#key = /ingest key +(tcs_\S+)/.exec(this.printed)?.[1] ?? (await this.#createKey());
    this.env["TOCSIN_KEY"] = this.#key;
    this.#last = { code: 0, out: this.printed, err: "" };
  }

  async #createKey(): Promise<string> {
    const args = ["key", "create", "--name", "docs", "--scope", "ingest"];
    const { key } = await tocsinJson(args, this.#world);
    return String(key);
  }

  async #startBackground({ text }: Block): Promise<void> {
    const running = launch(["bash", "-ec", this.#translate(text)], this.#world);
    this.#background.push(running);
    await running.printed(/\n/);
    this.#last = { code: 0, out: running.out(), err: "" };
  }

  #writeConfiguration(text: string, name: string): void {
    const listen = /^listen:/m.test(text) ? "" : `listen: 127.0.0.1:${DEFAULT_PORT}\n`;
    writeFileSync(join(this.folder, name), this.#toPeers(`${listen}${text}`));
  }

  #toPeers(text: string): string {
    return this.#peers
      .reduce((led, peer) => peer.lead(led), this.#toElastic(this.#translate(text)))
      .replaceAll("https://kibana.example.org", () => addressAt(this.#kibana))
      .replaceAll(/https:\/\/[\w.-]+\.example\.org/g, () => addressAt(this.#sink));
  }

  #toElastic(text: string): string {
    return text.replaceAll(/https:\/\/es\.example\.org(:\d+)?/g, () => addressAt(this.#elastic));
  }

  #portEdits(): string {
    return [...this.#ports].map(([port, free]) => `-e 's/\\b${port}\\b/${free}/g'`).join(" ");
  }

  /** `tocsin`, `npx` and `npm` as commands of their own, in a folder for PATH. */
  #writeCommands(): string {
    const folder = join(this.folder, "bin");
    const url = this.#translate(`http://127.0.0.1:${DEFAULT_PORT}`);
    const program = `"${process.execPath}" "${MAIN}"`;
    const tocsin = [
      `[ "$1" = send ] && [ ! -f ${CONFIGURATION} ] && set -- "$@" --url ${url}`,
      // What it writes names the ports that the page does.
      `[ "$1" = init ] && { ${program} "$@" && exec sed -i ${this.#portEdits()} ${CONFIGURATION} || exit; }`,
      `exec ${program} "$@"`,
    ].join("\n");
    mkdirSync(folder);
    const npm = `[ "$*" = start ] && exec ${program} start\necho "not in a test: npm $*" >&2; exit 1`;
    for (const [name, text] of Object.entries({ tocsin, npx: 'exec "$@"', npm })) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    return folder;
  }
}

function addressAt(peer: Peer | null): string {
  return `http://127.0.0.1:${peer?.port}`;
}

function alertOfAnHourAgo() {
  return {
    _index: ".alerts-security.alerts-default",
    _id: "a1",
    _source: {
      "@timestamp": new Date(Date.now() - 3_600_000).toISOString(),
      "kibana.alert.uuid": "a1",
      "kibana.alert.rule.name": "Scheduled task made by Office",
      "kibana.alert.severity": "high",
      "kibana.alert.workflow_status": "open",
    },
  };
}
