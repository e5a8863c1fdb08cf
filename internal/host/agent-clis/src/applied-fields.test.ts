import { describe, expect, test } from "vitest";
import { initialSettings, isValidSecretName, type Settings } from "@nc/container-config";
import { runnableProviders } from "@gatehouse/provider-facts/agents";
import { isolationMissing, notApplied, notAppliedIn } from "./applied-fields.ts";

const cannot = {
  image: "No image.",
  cpus: "No share.",
  memoryMb: "No share.",
  pids: "No share.",
  network: "The machine's network.",
  readOnlyMounts: "Nothing is read-only.",
  aptPackages: "No packages.",
  npmPackages: "No packages.",
};
const process = { name: "process", isolation: "process", cannot } as const;
const onProcess = { runtime: process, provider: "echo" };

const mount = (readonly?: boolean) => ({
  additional_mounts: [
    { hostPath: "/srv/a", containerPath: "/a", ...(readonly === undefined ? {} : { readonly }) },
  ],
});

describe("notApplied", () => {
  test.for<{ stored: Partial<Settings>; names: string[] }>([
    { stored: {}, names: [] },
    { stored: { model: "opus", effort: "high" }, names: ["model", "effort"] },
    { stored: { mcp_servers: { rss: { command: "npx" } } }, names: ["mcp_servers"] },
    {
      stored: { packages_apt: ["jq"], packages_npm: ["tool"] },
      names: ["packages_apt", "packages_npm"],
    },
    { stored: { image_tag: "agent:1" }, names: ["image_tag"] },
    { stored: { cpus: 1, memory_mb: 64, pids: 64 }, names: ["cpus", "memory_mb", "pids"] },
    { stored: { network: "open" }, names: ["network"] },
    { stored: { network: "gateway" }, names: ["network"] },
    { stored: mount(), names: ["additional_mounts"] },
    { stored: mount(true), names: ["additional_mounts"] },
    { stored: mount(false), names: [] },
    { stored: { assistant_name: "Ada", timezone: "UTC", max_messages_per_prompt: 3 }, names: [] },
    { stored: { cli_scope: "global", skills: ["notes"], tools: "deny" }, names: [] },
  ])("names $names for $stored of an echo agent as a process", ({ stored, names }) =>
    expect(notApplied({ ...initialSettings, ...stored }, onProcess).map(({ field }) => field)).toEqual(names),
  );

  test("names only the Debian packages and the image of a group in a sandbox", () => {
    const sandbox = {
      name: "sandbox",
      isolation: "sandbox",
      cannot: { image: "No image.", cpus: "No share.", aptPackages: "No Debian packages." },
    } as const;
    const stored = { image_tag: "agent:1", packages_apt: ["jq"], packages_npm: ["tool"] };
    expect(notAppliedIn({ ...initialSettings, ...stored }, sandbox)).toEqual([
      { field: "image_tag", reason: 'The runtime "sandbox" does not apply it. No image.' },
      { field: "packages_apt", reason: 'The runtime "sandbox" does not apply it. No Debian packages.' },
    ]);
  });

  test("names the packages of a group in Pods until the group has an image of its own", () => {
    const pods = {
      name: "kubernetes",
      isolation: "container",
      cannot: { aptPackages: "No packages.", npmPackages: "No packages." },
    } as const;
    const stored = { ...initialSettings, packages_apt: ["jq"], packages_npm: ["tool"] };
    const reason = 'The runtime "kubernetes" does not apply it. No packages.';
    expect(notAppliedIn(stored, pods)).toEqual([
      { field: "packages_apt", reason },
      { field: "packages_npm", reason },
    ]);
    expect(notAppliedIn({ ...stored, image_tag: "registry.example/ana:2" }, pods)).toEqual([]);
  });

  test("names a provider without a runner, and the provider's fields", () => {
    const there = Object.keys(runnableProviders).join(", ");
    const noRunner = `There is no runner yet for the provider "pi". The providers are ${there}.`;
    expect(notAppliedIn({ ...initialSettings, provider: "pi", model: "k2" }, process)).toEqual([
      {
        field: "provider",
        reason: noRunner,
      },
      {
        field: "model",
        reason: noRunner,
      },
    ]);
  });

  test("names no field of an agent of Claude Code, the default provider", () => {
    const servers = { rss: { command: "npx" } };
    const stored = { ...initialSettings, model: "opus", effort: "high", mcp_servers: servers };
    expect(notAppliedIn(stored, process)).toEqual([]);
  });

  test("names the effort of an agent of OpenCode", () => {
    const stored = { ...initialSettings, provider: "opencode", model: "m", effort: "high" };
    expect(notAppliedIn(stored, process)).toEqual([
      { field: "effort", reason: 'The provider "opencode" does not use it.' },
    ]);
  });

  test("names the mounts of a group where the host's folders are not", () => {
    const elsewhere = { name: "gpu", isolation: "sandbox", cannot: { mounts: "Not there." } } as const;
    expect(notAppliedIn({ ...initialSettings, ...mount(false) }, elsewhere)).toEqual([
      { field: "additional_mounts", reason: 'The runtime "gpu" does not apply it. Not there.' },
    ]);
  });

  test("gives the runtime's reason", () =>
    expect(notApplied({ ...initialSettings, ...mount(true) }, onProcess)).toEqual([
      {
        field: "additional_mounts",
        reason: 'The runtime "process" does not apply it. Nothing is read-only.',
      },
    ]));

  test("names no field for a runtime that has all abilities", () => {
    const stored = {
      ...initialSettings,
      ...mount(true),
      image_tag: "agent:1",
      pids: 64,
      network: "open" as const,
      packages_apt: ["jq"],
    };
    expect(
      notApplied(stored, { ...onProcess, runtime: { name: "docker", isolation: "container", cannot: {} } }),
    ).toEqual([]);
  });
});

test("no vendor's name is valid for a secret, so no configuration can name a vendor's key", () => {
  const vendors = Object.values(runnableProviders).map(({ vendor }) => vendor ?? "");
  expect(vendors.filter(isValidSecretName)).toEqual([]);
});

describe("a group that needs more isolation than there is", () => {
  const last = "ncl groups config update ag-1 --isolation";
  test.each([
    { needs: "sandbox", here: "process", on: "host", fix: "gatehouse up --runtime sandbox; or" },
    { needs: "container", here: "sandbox", on: "host", fix: "gatehouse up --runtime podman (or docker); or" },
    {
      needs: "sandbox",
      here: "process",
      on: "machine",
      fix: "gatehouse machine run --runtime sandbox, there; or",
    },
    { needs: "container", here: "process", on: "machine", fix: "gatehouse machines revoke ag-1, so that it" },
  ] as const)("on a $on: $needs, with $here there", ({ needs, here, on, fix }) => {
    const said = isolationMissing({ id: "ag-1", name: "Ana", isolation: needs }, here, on);
    expect(said).toContain(`Fix: ${fix}`);
    expect(said).toContain(`, and ${on === "host" ? "this host" : "its machine"} runs agents`);
    expect(said).toMatch(new RegExp(`${last} ${here} --yes\\.$`));
  });
});
