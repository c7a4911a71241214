/**
 * Values that so many alerts have that sharing one says nothing. What names a single machine,
 * person or file is not among them, however often it appears: a machine account `WEB-01$` is that
 * machine. `administrator` is not either: where it is seen in two places, an analyst wants to know.
 */
import type { ArtifactType } from "../alert/schema.ts";

/** What senders write where they have no value. No type is better for it. */
export const PLACEHOLDERS = [
  "",
  "-",
  "--",
  "n/a",
  "none",
  "null",
  "(null)",
  "unknown",
  "undefined",
];

/** Networks that lead back to the machine itself or to everybody near it. */
export const COMMON_NETWORKS = [
  "127.0.0.0/8", // loopback (RFC 1122, 3.2.1.3)
  "::1/128", // loopback (RFC 4291, 2.5.3)
  "0.0.0.0/8", // "this host": listening on all addresses, or none known
  "::/128", // the same in IPv6
  "169.254.0.0/16", // link-local: what a machine without DHCP calls itself (RFC 3927)
  "fe80::/10", // link-local, of every interface (RFC 4291)
  "224.0.0.0/4", // multicast: mDNS, SSDP and LLMNR of all machines (RFC 5771)
  "ff00::/8", // multicast (RFC 4291)
  "255.255.255.255/32", // broadcast: DHCP of all machines
];

/** Programs that every Windows or Unix machine runs, or that most detections name. */
export const COMMON_PROGRAMS = [
  // The parts of Windows that are always there.
  "system registry idle smss.exe csrss.exe wininit.exe winlogon.exe services.exe lsass.exe",
  "svchost.exe explorer.exe dwm.exe spoolsv.exe taskhostw.exe dllhost.exe runtimebroker.exe",
  "sihost.exe userinit.exe",
  // Shells and hosts of scripts: in the tree of nearly every detection, whoever caused it.
  "cmd.exe conhost.exe powershell.exe pwsh.exe rundll32.exe regsvr32.exe wmiprvse.exe",
  "wscript.exe cscript.exe mshta.exe msiexec.exe schtasks.exe",
  // What people work with all day.
  "chrome.exe msedge.exe firefox.exe outlook.exe winword.exe excel.exe",
  // The same of Unix.
  "init systemd cron crond sshd sudo su login sh bash dash zsh python python3 perl curl wget",
].flatMap((line) => line.split(" "));

/** Where these programs belong. The same name anywhere else is a trace worth following. */
export const SYSTEM_FOLDERS = [
  "c:/windows",
  "c:/windows/system32",
  "c:/windows/syswow64",
  "c:/windows/system32/wbem",
  "c:/windows/system32/windowspowershell/v1.0",
  "c:/windows/syswow64/windowspowershell/v1.0",
  "/bin",
  "/sbin",
  "/usr/bin",
  "/usr/sbin",
  "/lib/systemd",
  "/usr/lib/systemd",
];

/** Texts in lower case; `*` at an end stands for anything. */
export const COMMON_VALUES: Readonly<Partial<Record<ArtifactType, readonly string[]>>> = {
  account: [
    // Windows services run as these on every machine.
    "system",
    "local system",
    "localsystem",
    "local service",
    "network service",
    "nt authority\\*",
    "nt service\\*",
    "iis apppool\\*",
    // Who did not log on.
    "anonymous logon",
    // Sessions of the desktop itself.
    "dwm-*",
    "umfd-*",
    "window manager\\*",
    "font driver host\\*",
    // Every Unix machine has these, and its services run as them.
    "root",
    "nobody",
    "daemon",
  ],
  // The same accounts by their identifiers (Microsoft, "Well-known SIDs").
  sid: [
    "s-1-0-0", // nobody
    "s-1-1-0", // everyone
    "s-1-2-*", // logged on locally
    "s-1-3-*", // creator owner
    "s-1-5-7", // anonymous
    "s-1-5-11", // authenticated users
    "s-1-5-18", // system
    "s-1-5-19", // local service
    "s-1-5-20", // network service
    "s-1-5-32-*", // built-in groups
    "s-1-5-80-*", // services
    "s-1-5-90-*", // window manager
    "s-1-5-96-*", // font driver host
    "s-1-16-*", // integrity levels
  ],
  // Every machine calls itself so.
  hostname: ["localhost", "localhost.localdomain", "localhost6", "ip6-localhost"],
  // The last is how addresses are looked up: it says what was asked, not who by.
  domain: ["localhost", "localhost.localdomain", "*.localhost", "*.in-addr.arpa", "*.ip6.arpa"],
  email: ["root@localhost", "*@localhost.localdomain"],
  // Of the empty file, and zeros where nothing was computed.
  md5: ["d41d8cd98f00b204e9800998ecf8427e", "0".repeat(32)],
  sha1: ["da39a3ee5e6b4b0d3255bfef95601890afd80709", "0".repeat(40)],
  sha256: ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "0".repeat(64)],
  sha512: [
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    "0".repeat(128),
  ],
  // No address yet, and everybody.
  mac: ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"],
  // A port says which service, not who: the ones that services commonly have.
  port: [
    "0 20 21 22 23 25 53 67 68 80 88 110 123 135 137 138 139 143 161 389 443 445 464 465 514 587",
    "636 993 995 1433 1521 3268 3306 3389 5353 5355 5432 5985 5986 8000 8080 8443",
  ].flatMap((line) => line.split(" ")),
};
