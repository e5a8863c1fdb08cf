import { placeFacts } from "@gatehouse/places/facts";
import type { Json } from "@nc/cli-scope";
import { describe, expect, test, vi } from "vitest";
import { hostBed, member, operator, person, type Bed } from "@gatehouse/dispatch/testing";

type Asked = { readonly bed: Bed; readonly asked: readonly Json[] };

/** A host with images, or with another runtime. `asked` are the payloads of its intents to install. */
const withImages = async (
  runtime: NonNullable<Parameters<typeof hostBed>[0]>["runtime"] = {
    name: "docker",
    isolation: "container",
    cannot: {},
  },
): Promise<Asked> => {
  const asked: Json[] = [];
  const install = async (payload: Json) => {
    asked.push(payload);
    return { ok: true, value: { data: { restarted: 1 } } } as const;
  };
  const bed = await hostBed({ handlers: { install }, runtime });
  await bed.central.db.updateTable("sessions").set({ container_status: "running" }).execute();
  await bed.ok(operator, "groups", "config", "update", "ag-team", "--unset", "image_tag");
  return { bed, asked };
};

const told = "Installed: jq, g++, prettier. Try them, and report to the person who asked for them.";

describe("groups install-packages", () => {
  test("the operator's intent names all running sessions of the group, and the packages", async () => {
    const { bed, asked } = await withImages();
    const line = ["groups", "install-packages", "team", "--apt", "jq,g++", "--npm", "prettier"];
    expect(await bed.ok(operator, ...line)).toEqual({ restarted: 1 });
    const packages = { apt: ["jq", "g++"], npm: ["prettier"] };
    expect(asked).toEqual([
      {
        sessionIds: ["se-team"],
        groupId: "ag-team",
        message: told,
        reason: "packages installed by ncl",
        packages,
        actor: "host",
        why: null,
      },
    ]);
  });

  test("an agent's request waits for a person, and its intent names only the agent's session", async () => {
    const { bed, asked } = await withImages();
    const line = ["groups", "install-packages", "--apt", "jq", "--reason", "to read JSON"];
    const answer = await bed.ask(member, ...line);
    expect(answer).toMatchObject({ code: "approval-pending" });
    expect(asked).toEqual([]);
    const id = answer.ok ? "" : (answer.approvalId ?? "");
    await bed.ok(person("owner"), "approvals", "approve", id);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked).toMatchObject([
      {
        sessionIds: ["se-team"],
        packages: { apt: ["jq"], npm: [] },
        why: `to read JSON; approved by user:telegram:owner (${id})`,
      },
    ]);
  });

  test.each([
    { what: "without a package", flags: [], says: /Name packages/ },
    { what: "with an option for a name", flags: ["--apt=-o,x"], says: /--apt/ },
    { what: "with an empty message", flags: ["--apt", "jq", "--message", " "], says: /--message is empty/ },
    { what: "with two lines of reason", flags: ["--apt", "jq", "--reason", "a\nb"], says: /--reason/ },
  ])("a request $what is refused before a person is asked", async ({ flags, says }) => {
    const { bed } = await withImages();
    for (const actor of [operator, member]) {
      const answer = await bed.ask(actor, "groups", "install-packages", "ag-team", ...flags);
      expect(answer).toMatchObject({ ok: false, code: "invalid-args", message: expect.stringMatching(says) });
    }
  });

  test("packages that the group has are accepted, because a session may still run without them", async () => {
    const { bed, asked } = await withImages();
    await bed.ok(operator, "groups", "config", "add-package", "ag-team", "--apt", "jq");
    await bed.ok(operator, "groups", "install-packages", "ag-team", "--apt", "jq");
    expect(asked).toMatchObject([{ sessionIds: ["se-team"], packages: { apt: ["jq"], npm: [] } }]);
  });

  test("refuses a group with an image of its own", async () => {
    const { bed } = await withImages();
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--image-tag", "own:1");
    expect(await bed.ask(member, "groups", "install-packages", "--apt", "jq")).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining("own:1"),
    });
  });

  test("refuses on a host whose agents are processes", async () => {
    const bed = await hostBed();
    expect(await bed.ask(member, "groups", "install-packages", "--apt", "jq")).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(/--runtime sandbox\) .* --runtime podman \(or docker\)/),
    });
  });

  const cannot = {
    image: "A sandbox runs the machine's own programs.",
    ...placeFacts.sandbox.cannot,
  };

  test.each([
    { what: "npm packages", flags: ["--npm", "prettier,@scope/tool@1.2.3"], refused: null },
    { what: "a Debian package", flags: ["--apt", "jq"], refused: /apt-get install NAME\).*--runtime podman/ },
    {
      what: "both",
      flags: ["--npm", "prettier", "--apt", "jq"],
      refused: /npm packages can be installed alone/,
    },
  ])("on a host with sandboxes, an agent's request for $what is $refused", async ({ flags, refused }) => {
    const { bed, asked } = await withImages({ name: "sandbox", isolation: "sandbox", cannot });
    const answer = await bed.ask(member, "groups", "install-packages", ...flags);
    expect(answer).toMatchObject(
      refused === null
        ? { code: "approval-pending" }
        : { code: "invalid-args", message: expect.stringMatching(refused) as unknown },
    );
    expect(asked).toEqual([]);
  });

  test("a group in a sandbox may have an image for its time in a container", async () => {
    const { bed, asked } = await withImages({ name: "sandbox", isolation: "sandbox", cannot });
    await bed.ok(operator, "groups", "config", "update", "ag-team", "--image-tag", "own:1");
    await bed.ok(operator, "groups", "install-packages", "ag-team", "--npm", "prettier");
    expect(asked).toMatchObject([{ packages: { apt: [], npm: ["prettier"] } }]);
  });
});

describe("on a host whose agents run in Pods", () => {
  const inPods = () => withImages({ name: "kubernetes", ...placeFacts.kubernetes });
  const steps =
    /builds no images in the cluster, .* gatehouse image render --group GROUP, .* --image-tag NAME/;

  test.each([
    { what: "without an image of its own", image: [] },
    { what: "with an image of its own", image: ["--image-tag", "registry.example/team:1"] },
  ])("a request for a group $what is refused before a person is asked", async ({ image }) => {
    const { bed, asked } = await inPods();
    if (image.length > 0) await bed.ok(operator, "groups", "config", "update", "ag-team", ...image);
    for (const actor of [operator, member])
      expect(
        await bed.ask(actor, "groups", "install-packages", "ag-team", "--apt", "jq", "--reason", "why"),
      ).toMatchObject({ ok: false, code: "invalid-args", message: expect.stringMatching(steps) as unknown });
    expect(await bed.ok(operator, "approvals", "list")).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("a person who is asked to save packages sees that they are not installed, and what to do", async () => {
    const { bed } = await inPods();
    const held = await bed.ask(member, "groups", "config", "add-package", "--apt", "jq", "--reason", "why");
    expect(held).toMatchObject({ code: "approval-pending" });
    const id = held.ok ? "" : (held.approvalId ?? "");
    expect(await bed.ok(operator, "approvals", "get", id)).toMatchObject({
      consequence: [expect.stringMatching(steps)],
    });
    await bed.ok(person("owner"), "approvals", "approve", id);
    expect(await bed.ok(operator, "groups", "config", "get", "ag-team")).toMatchObject({
      packages_apt: ["jq"],
      not_applied: [{ field: "packages_apt", reason: expect.stringMatching(steps) as unknown }],
    });
  });

  test.each([
    { what: "has none", image: [], warnings: 0, idle: 1 },
    { what: "has one", image: ["--image-tag", "registry.example/team:1"], warnings: 1, idle: 0 },
  ])("the operator is told once to build an image, if the group $what", async ({ image, warnings, idle }) => {
    const { bed } = await inPods();
    if (image.length > 0) await bed.ok(operator, "groups", "config", "update", "ag-team", ...image);
    const answer = await bed.ask(operator, "groups", "config", "add-package", "ag-team", "--apt", "jq");
    const said = expect.stringMatching(steps) as unknown;
    expect(answer).toMatchObject({
      ok: true,
      warnings: Array(warnings).fill(said),
      data: { not_applied: Array(idle).fill({ field: "packages_apt", reason: said }) },
    });
    const removed = await bed.ask(operator, "groups", "config", "remove-package", "ag-team", "--apt", "jq");
    expect(removed).toMatchObject({ ok: true, warnings: [] });
  });

  test("a rebuild restarts nothing, and says what to do", async () => {
    const { bed } = await inPods();
    await bed.ok(operator, "groups", "config", "add-package", "ag-team", "--apt", "jq");
    expect(await bed.ask(operator, "groups", "restart", "ag-team", "--rebuild")).toMatchObject({
      ok: false,
      message: expect.stringMatching(/Nothing was restarted.*gatehouse image render/) as unknown,
    });
  });
});
