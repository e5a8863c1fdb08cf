import type { PlaceSeen } from "@gatehouse/agent-clis/applied";
import { addRow } from "@gatehouse/central-database/testing";
import type { Actor } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { hostBed, member, operator, person, steward, type Bed } from "@gatehouse/dispatch/testing";

const config = ["groups", "config"] as const;
const update = [...config, "update", "ag-team"] as const;

/** A host of which the test changes the runtime, as an operator does between two starts. */
const movingHost = async () => {
  const cannot = { image: "A process runs the machine's own programs." };
  const runtime: { -readonly [Key in keyof PlaceSeen]: PlaceSeen[Key] } = {
    name: "moving",
    isolation: "process",
    cannot,
  };
  const bed = await hostBed({ runtime });
  return {
    bed,
    toContainers: () => void Object.assign(runtime, { isolation: "container", cannot: {} }),
    toSandboxes: () => void Object.assign(runtime, { isolation: "sandbox", cannot }),
    toProcesses: () => void Object.assign(runtime, { isolation: "process", cannot }),
    saved: () => bed.ok(operator, ...config, "get", "ag-team"),
  };
};

/** A group that got `allow-all` in a container, on a host that runs processes since. */
const movedGroup = async () => {
  const host = await movingHost();
  host.toContainers();
  await host.bed.ok(operator, ...update, "--tools", "allow-all");
  host.toProcesses();
  return host;
};

const kept = { isolation: "container", tools: "allow-all" };

/** Approves the request that waits, if one does. */
const approved = async (bed: Bed, answer: Awaited<ReturnType<Bed["ask"]>>): Promise<string> => {
  if (answer.ok || answer.approvalId === undefined) return answer.ok ? "ok" : answer.code;
  const done = await bed.ask(operator, "approvals", "approve", answer.approvalId);
  return done.ok ? "ok" : done.code;
};

describe("a change under containers", () => {
  test.for<[string, readonly string[]]>([
    ["a policy for tools", [...update, "--tools", "allow-all"]],
    ["the policy that it has", [...update, "--tools", "ask"]],
    ["an open network", [...update, "--network", "open", "--yes"]],
    ["a limit", [...update, "--memory-mb", "512"]],
    ["an image", [...update, "--image-tag", "own:1"]],
    ["an MCP server", [...config, "add-mcp-server", "ag-team", "--name", "rss", "--command", "npx"]],
    ["a package", [...config, "add-package", "ag-team", "--npm", "left-pad"]],
    ["a rollback", [...config, "rollback", "ag-team", "--to", "1"]],
  ])("binds the group to a container: %s", async ([, words]) => {
    const { bed, saved, toContainers } = await movingHost();
    expect(await saved()).toMatchObject({ isolation: "process" });
    toContainers();
    await bed.ok(operator, ...words);
    expect(await saved()).toMatchObject({ isolation: "container" });
  });

  test("binds a new group to a container", async () => {
    const { bed, toContainers } = await movingHost();
    toContainers();
    const made = await bed.ok(operator, "groups", "create", "--name", "New", "--folder", "new");
    const { id } = made as { readonly id: string };
    expect(await bed.ok(operator, ...config, "get", id)).toMatchObject({
      isolation: "container",
      generation: 1,
    });
  });

  test("outside containers binds no group", async () => {
    const { bed, saved } = await movingHost();
    await bed.ok(operator, ...update, "--tools", "allow-all", "--yes");
    expect(await saved()).toMatchObject({ isolation: "process", tools: "allow-all" });
  });
});

describe("the isolation of a group on a host without containers", () => {
  test.for<[string, Actor, readonly string[], string]>([
    ["an agent of the group", member, [...update, "--isolation", "process"], "forbidden"],
    ["an agent of the group with --yes", member, [...update, "--isolation", "process", "--yes"], "forbidden"],
    ["an agent of scope global", steward, [...update, "--isolation", "process", "--yes"], "forbidden"],
    [
      "an owner in a chat",
      person("owner"),
      [...update, "--isolation", "process", "--yes"],
      "permission-denied",
    ],
    [
      "an admin in a chat",
      person("admin"),
      [...update, "--isolation", "process", "--yes"],
      "permission-denied",
    ],
    ["the operator without --yes", operator, [...update, "--isolation", "process"], "invalid-args"],
    [
      "the operator with another field",
      operator,
      [...update, "--model", "a", "--isolation", "process"],
      "invalid-args",
    ],
    ["--unset", operator, [...update, "--unset", "isolation", "--yes"], "invalid-args"],
    ["another spelling", operator, [...update, "--isolation", "PROCESS", "--yes"], "invalid-args"],
    ["an unknown isolation", operator, [...update, "--isolation", "none", "--yes"], "invalid-args"],
    ["the operator's rollback", operator, [...config, "rollback", "ag-team", "--to", "1", "--yes"], "ok"],
    [
      "an agent's rollback that a person approves",
      member,
      [...config, "rollback", "ag-team", "--to", "1"],
      "ok",
    ],
    ["a change of another field", operator, [...update, "--model", "opus", "--yes"], "ok"],
    ["allow-all with --yes", operator, [...update, "--tools", "allow-all", "--yes"], "ok"],
  ])("is not lowered by %s", async ([, actor, words, outcome]) => {
    const { bed, saved } = await movedGroup();
    expect(await approved(bed, await bed.ask(actor, ...words))).toBe(outcome);
    expect(await saved()).toMatchObject({ isolation: "container" });
  });

  test("is lowered by the operator with --yes, who reads what the agent then may do", async () => {
    const { bed, saved } = await movedGroup();
    expect(await saved()).toMatchObject(kept);
    expect(await bed.ask(operator, ...update, "--isolation", "process")).toMatchObject({
      message: expect.stringMatching(
        /outside containers.*everything that their account.*stays allow-all.*--yes/,
      ) as unknown,
    });
    await bed.ok(operator, ...update, "--isolation", "process", "--yes");
    expect(await saved()).toMatchObject({ isolation: "process", tools: "allow-all" });
  });

  test("is raised by the operator without --yes", async () => {
    const { bed, saved } = await movingHost();
    await bed.ok(operator, ...update, "--isolation", "container");
    expect(await saved()).toMatchObject({ isolation: "container" });
  });

  test("is bound again by a rollback to a generation of a container", async () => {
    const { bed, saved } = await movedGroup();
    await bed.ok(operator, ...update, "--isolation", "process", "--tools", "ask", "--yes");
    await bed.ok(operator, ...config, "rollback", "ag-team", "--to", "2");
    expect(await saved()).toMatchObject(kept);
  });

  test("is not lowered by a rollback if the database has an unknown isolation", async () => {
    const { bed, saved } = await movedGroup();
    await bed.central.db.updateTable("container_configs").set({ isolation: "vault" }).execute();
    await bed.ok(operator, ...config, "rollback", "ag-team", "--to", "1");
    expect(await saved()).toMatchObject({ isolation: "container" });
  });
});

describe("the isolation of a group on a host with sandboxes", () => {
  test("is raised to a sandbox by a change, which needs no --yes for allow-all", async () => {
    const { bed, saved, toSandboxes } = await movingHost();
    toSandboxes();
    await bed.ok(operator, ...update, "--tools", "allow-all");
    expect(await saved()).toMatchObject({ isolation: "sandbox", tools: "allow-all" });
  });

  test("is lowered from a container to a sandbox by the operator with --yes", async () => {
    const { bed, saved, toSandboxes } = await movedGroup();
    toSandboxes();
    expect(await bed.ask(operator, ...update, "--isolation", "sandbox")).toMatchObject({
      message: expect.stringMatching(/run in a sandbox.*stays allow-all.*--yes/) as unknown,
    });
    await bed.ok(operator, ...update, "--isolation", "sandbox", "--yes");
    expect(await saved()).toMatchObject({ isolation: "sandbox", tools: "allow-all" });
  });

  test("is not lowered to a process, because the next start would raise it again", async () => {
    const { bed, saved, toSandboxes } = await movedGroup();
    toSandboxes();
    expect(await bed.ask(operator, ...update, "--isolation", "process", "--yes")).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(/in sandboxes.*gatehouse up --runtime process/) as unknown,
    });
    expect(await saved()).toMatchObject(kept);
  });
});

test("the isolation of a group is not lowered on a host with containers, which would raise it again", async () => {
  const { bed, saved, toContainers } = await movedGroup();
  toContainers();
  expect(await bed.ask(operator, ...update, "--isolation", "process", "--yes")).toMatchObject({
    code: "invalid-args",
    message: expect.stringContaining("gatehouse up --runtime process") as unknown,
  });
  expect(await saved()).toMatchObject(kept);
});

describe("the isolation of a group whose agents run on another machine", () => {
  const elsewhere = async () => {
    const host = await movingHost();
    await addRow(host.bed.central.db, "machines", { id: "ma-1", agent_group_id: "ag-team" });
    host.toContainers();
    return host;
  };

  test("is not raised to that of this host, where it does not run", async () => {
    const { bed, saved } = await elsewhere();
    await bed.ok(operator, ...update, "--memory-mb", "512");
    expect(await saved()).toMatchObject({ isolation: "process", runtime_isolation: null });
  });

  test("is lowered with --yes, whatever this host has", async () => {
    const { bed, saved } = await elsewhere();
    await bed.ok(operator, ...update, "--isolation", "container");
    expect(await bed.ask(operator, ...update, "--isolation", "process")).toMatchObject({
      code: "invalid-args",
    });
    await bed.ok(operator, ...update, "--isolation", "process", "--yes");
    expect(await saved()).toMatchObject({ isolation: "process" });
  });

  test("is taken as none for allow-all, which needs --yes", async () => {
    const { bed } = await elsewhere();
    expect(await bed.ask(operator, ...update, "--tools", "allow-all")).toMatchObject({
      message: expect.stringMatching(/"machine".*--yes/) as unknown,
    });
  });
});

test("a request for allow-all that an agent made in a container is void outside one", async () => {
  const { bed, saved, toContainers, toProcesses } = await movingHost();
  toContainers();
  const held = await bed.ask(member, ...update, "--tools", "allow-all");
  if (held.ok || held.approvalId === undefined) return expect.fail("It did not wait.");
  toProcesses();
  await approved(bed, held);
  expect(await saved()).toMatchObject({ tools: "ask" });
});

test("the card of an agent's request for allow-all says that the agent runs outside containers", async () => {
  const { bed } = await movingHost();
  const held = await bed.ask(member, ...update, "--tools", "allow-all");
  if (held.ok || held.approvalId === undefined) return expect.fail("It did not wait.");
  expect(await bed.ok(operator, "approvals", "get", held.approvalId)).toMatchObject({
    consequence: [expect.stringContaining("outside containers")],
  });
});
