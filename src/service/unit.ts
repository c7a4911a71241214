/**
 * The unit by which systemd runs Tocsin: restarted whenever it ends, its log in the journal, and allowed
 * no more than it needs. Directives: systemd.exec(5) and systemd.service(5).
 */
import { fail } from "../errors.ts";

export interface UnitOptions {
  /** Name of the service; also that of its folder under /var/lib. */
  readonly name: string;
  /** Absolute: Node, the program, the configuration, the data. */
  readonly node: string;
  readonly program: string;
  readonly config: string;
  readonly data: string;
  /** Null for one that systemd makes up for this service alone (`DynamicUser`). */
  readonly user: string | null;
  /** File with `NAME=value` lines for the references `${env:NAME}`; it may be missing. */
  readonly envFile: string;
  /** Folders besides the data that it writes to. */
  readonly writes: readonly string[];
  /** It listens on a port below 1024. */
  readonly lowPorts: boolean;
}

/** First line of every unit; what does not begin with it is somebody else's. */
export const MARK = "# Written by tocsin service install; it writes it anew.";

/** The text of the unit. Throws REQUEST_INVALID for a name or a path that systemd would misread. */
export function unitText(options: UnitOptions): string {
  const { name, node, program, config, data, envFile } = options;
  checkName(name);
  for (const path of [node, program, config, data, envFile, ...options.writes]) checkPath(path);
  return [
    MARK,
    "[Unit]",
    "Description=Tocsin, carries security alerts to those who respond",
    "Wants=network-online.target",
    "After=network-online.target",
    // However often it fails: alerts wait at their senders until it is back.
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=exec",
    `ExecStart=${[node, program, "start", "--config", config, "--data", data].map(quote).join(" ")}`,
    `WorkingDirectory=${folderOf(config)}`,
    `EnvironmentFile=-${envFile}`,
    "Environment=NODE_ENV=production",
    "Restart=always",
    "RestartSec=2",
    // It finishes what is in flight; what is not finished by then goes on after the next start.
    "TimeoutStopSec=60",
    "KillMode=mixed",
    "StandardOutput=journal",
    "StandardError=journal",
    `SyslogIdentifier=${name}`,
    ...identityOf(options),
    ...portsOf(options),
    ...HARDENING,
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

// No MemoryDenyWriteExecute: V8 writes the machine code that it runs.
const HARDENING = [
  "UMask=0077",
  // It may not raise the limit itself, and every connection counts.
  "LimitNOFILE=65536",
  "NoNewPrivileges=yes",
  "ProtectSystem=strict",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "ProtectProc=invisible",
  "RemoveIPC=yes",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
  "SystemCallErrorNumber=EPERM",
];

function identityOf({ user, name, data, writes, ...paths }: UnitOptions): string[] {
  const state = [`StateDirectory=${name}`, "StateDirectoryMode=0700"];
  if (user === null) return ["DynamicUser=yes", ...state, "ProtectHome=yes"];
  checkName(user);
  const hasState = data === stateFolder(name);
  const writable = [...(hasState ? [] : [data]), ...writes];
  const isAtHome = [paths.node, paths.program, paths.config, data, ...writes].some(isHome);
  return [
    `User=${user}`,
    ...(hasState ? state : []),
    ...(writable.length > 0 ? [`ReadWritePaths=${writable.map(quote).join(" ")}`] : []),
    `ProtectHome=${isAtHome ? "read-only" : "yes"}`,
  ];
}

/** The folder that systemd makes for the service and gives to its user. */
export function stateFolder(name: string): string {
  return `/var/lib/${name}`;
}

function portsOf({ lowPorts }: UnitOptions): string[] {
  if (!lowPorts) return ["CapabilityBoundingSet="];
  const capability = "CAP_NET_BIND_SERVICE";
  return [`CapabilityBoundingSet=${capability}`, `AmbientCapabilities=${capability}`];
}

/** Whether a path lies where people keep their own files. */
export function isHome(path: string): boolean {
  return /^\/(home|root)(\/|$)/.test(path);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Throws REQUEST_INVALID for what is no name of a service or a user. */
export function checkName(name: string): void {
  if (/^[a-z_][a-z0-9_-]{0,30}$/.test(name)) return;
  throw fail("REQUEST_INVALID", {
    component: "service",
    message: `"${name}" is no name for a service or a user`,
    hint: "Use lower-case letters, digits, - and _.",
  });
}

// systemd reads %, $, quotes and outer blanks in paths its own way; without them there is nothing to read.
function checkPath(path: string): void {
  if (/^\/[\w./@:+, -]*$/.test(path) && !/ (\/|$)/.test(path)) return;
  throw fail("REQUEST_INVALID", {
    component: "service",
    message: `the path ${path} cannot stand in a unit`,
    hint: "Use an absolute path of letters, digits, spaces and . / @ : + , _ -",
  });
}

function quote(path: string): string {
  return path.includes(" ") ? `"${path}"` : path;
}
