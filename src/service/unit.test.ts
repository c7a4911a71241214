import { describe, expect, it } from "vitest";
import { unitText, type UnitOptions } from "./unit.ts";

const options: UnitOptions = {
  name: "tocsin",
  node: "/usr/bin/node",
  program: "/opt/tocsin/bin/tocsin.mjs",
  config: "/etc/tocsin/tocsin.yaml",
  data: "/var/lib/tocsin",
  user: null,
  envFile: "/etc/tocsin/tocsin.env",
  writes: [],
  lowPorts: false,
};

const lines = (own: Partial<UnitOptions> = {}) => unitText({ ...options, ...own }).split("\n");

describe("the unit", () => {
  it("starts the program with its configuration and its data", () => {
    expect(lines()).toEqual(
      expect.arrayContaining([
        "ExecStart=/usr/bin/node /opt/tocsin/bin/tocsin.mjs start --config /etc/tocsin/tocsin.yaml --data /var/lib/tocsin",
        "WorkingDirectory=/etc/tocsin",
        "EnvironmentFile=-/etc/tocsin/tocsin.env",
        "Restart=always",
        "StandardOutput=journal",
        "StandardError=journal",
        "WantedBy=multi-user.target",
      ]),
    );
  });

  it("has a user and a folder of its own, and no rights", () => {
    const own = ["DynamicUser=yes", "StateDirectory=tocsin", "ProtectHome=yes"];
    expect(lines()).toEqual(expect.arrayContaining([...own, "CapabilityBoundingSet="]));
    expect(lines().join("\n")).not.toMatch(/^(User|ReadWritePaths|AmbientCapabilities)=/m);
  });

  it("has one right more for a low port", () => {
    const wanted = ["CapabilityBoundingSet", "AmbientCapabilities"];
    expect(lines({ lowPorts: true })).toEqual(
      expect.arrayContaining(wanted.map((name) => `${name}=CAP_NET_BIND_SERVICE`)),
    );
  });

  it("lets a user of yours write to the folders it needs and no other", () => {
    const unit = lines({ user: "soc", data: "/srv/tocsin", writes: ["/srv/my alerts"] });
    expect(unit).toEqual(
      expect.arrayContaining([
        "User=soc",
        'ReadWritePaths=/srv/tocsin "/srv/my alerts"',
        "ProtectHome=yes",
        "ProtectSystem=strict",
      ]),
    );
    expect(unit).not.toContain("DynamicUser=yes");
  });

  it("has systemd make the folder under /var/lib for a user of yours", () => {
    const unit = lines({ user: "soc" });
    expect(unit).toContain("StateDirectory=tocsin");
    expect(unit.join("\n")).not.toContain("ReadWritePaths");
  });

  it("lets a user of yours read homes where something of it lies in one", () => {
    expect(lines({ user: "soc", config: "/home/soc/tocsin.yaml" })).toContain(
      "ProtectHome=read-only",
    );
  });

  it("quotes blanks where systemd splits, and nowhere else", () => {
    const unit = lines({ config: "/etc/my soc/tocsin.yaml", envFile: "/etc/my soc/tocsin.env" });
    expect(unit.find((line) => line.startsWith("ExecStart"))).toContain(
      ' --config "/etc/my soc/tocsin.yaml" ',
    );
    expect(unit).toContain("WorkingDirectory=/etc/my soc");
    expect(unit).toContain("EnvironmentFile=-/etc/my soc/tocsin.env");
  });
});

describe("what systemd would misread is refused:", () => {
  it.each([
    [{ name: "../sshd" }],
    [{ name: "Tocsin" }],
    [{ name: "a b" }],
    [{ user: "root\nExecStartPre=/bin/sh" }],
    [{ user: "" }],
    [{ config: "tocsin.yaml" }],
    [{ config: "/etc/%h/tocsin.yaml" }],
    [{ config: "/etc/$HOME/tocsin.yaml" }],
    [{ config: '/etc/"/tocsin.yaml' }],
    [{ config: "/etc/a\nb/tocsin.yaml" }],
    [{ config: "/etc/tocsin /tocsin.yaml" }],
    [{ envFile: "/etc/tocsin/a\\b" }],
    [{ data: "/var/lib/*" }],
    [{ node: "/opt/nodé" }],
    [{ user: "soc", writes: ["/srv/x;y"] }],
  ])("%j", (own) => {
    expect(() => lines(own)).toThrow(expect.objectContaining({ code: "REQUEST_INVALID" }));
  });
});
