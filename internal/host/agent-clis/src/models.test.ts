import { describe, expect, test } from "vitest";
import { claudeModelsIn, codexModelsIn, judge } from "./models.ts";

const efforts = ["low", "medium", "high"];
const listed = [
  {
    value: "default",
    resolvedModel: "claude-opus-5-5",
    displayName: "Default",
    supportedEffortLevels: efforts,
  },
  { value: "opus", resolvedModel: "claude-opus-5-5", displayName: "Opus", supportedEffortLevels: efforts },
  { value: "haiku", resolvedModel: "claude-haiku-5-5", displayName: "Haiku" },
];
/** The entry that Claude Code 2.1.328 adds if it is started with a model that it does not list. */
const custom = (value: string) => ({
  ...{ value, resolvedModel: value, displayName: value, description: "Custom model" },
  supportedEffortLevels: efforts,
});
const older = { value: "claude-sonnet-4-5", resolvedModel: "claude-sonnet-4-5", displayName: "Sonnet 4.5" };

const verdict = (models: readonly object[], model: string | null, effort: string | null = null) => {
  const known = claudeModelsIn({ models });
  if (known === null) expect.fail("no models");
  return judge({ models: known, isWhole: false }, { model, effort });
};

describe("a model that is to be saved", () => {
  test.for([
    { what: "a listed one", model: "opus", more: [] },
    { what: "none", model: null, more: [] },
    { what: "an older one that the CLI has a title for", model: "claude-sonnet-4-5", more: [older] },
    { what: "one that the CLI translates and does not add", model: "claude-opus-4-1-20250805", more: [] },
    { what: "the full name of a listed one", model: "claude-haiku-5-5", more: [custom("claude-haiku-5-5")] },
  ])("is known if it is $what", ({ model, more }) => {
    expect(verdict([...listed, ...more], model)).toEqual({ unknown: [], note: null });
  });

  test.for([
    { model: "opsu", near: "opus" },
    { model: "Haiku", near: "haiku" },
    { model: "claude-opus-5-6", near: "claude-opus-5-5" },
    { model: "gpt-5.1-codex", near: null },
  ])("$model is unknown, and $near is the nearest name", ({ model, near }) => {
    const known = ["default", "claude-opus-5-5", "opus", "haiku", "claude-haiku-5-5"];
    expect(verdict([...listed, custom(model)], model).unknown).toEqual([
      { field: "model", value: model, near, known },
    ]);
  });
});

describe("an effort that is to be saved", () => {
  test("is known if the model has it", () =>
    expect(verdict(listed, "opus", "high")).toEqual({ unknown: [], note: null }));

  test("is unknown if no model has it", () =>
    expect(verdict(listed, null, "hihg").unknown).toEqual([
      { field: "effort", value: "hihg", near: "high", known: efforts },
    ]));

  test("is named if this model does not use it", () =>
    expect(verdict(listed, "haiku", "high")).toEqual({
      unknown: [],
      note: 'Haiku has no effort "high", so it is not used.',
    }));
});

test.for([null, {}, { models: "opus" }, { models: [] }, { models: [{ value: 7 }] }])(
  "%j is no list of models",
  (answer) => expect(claudeModelsIn(answer)).toBeNull(),
);

describe("the models that Codex lists", () => {
  /** As Codex 0.169.0 lists them. */
  const entry = (model: string, efforts: readonly string[], isDefault = false) => ({
    ...{ id: model, model, displayName: model.toUpperCase(), isDefault },
    supportedReasoningEfforts: efforts.map((reasoningEffort) => ({ reasoningEffort, description: "" })),
  });
  const data = [entry("gpt-5.5", ["low"]), entry("gpt-6.1-sol", ["low", "ultra"], true)];
  const models = codexModelsIn({ data }) ?? expect.fail("no models");
  const says = (model: string | null, effort: string | null = null) =>
    judge({ models, isWhole: true }, { model, effort });

  test.for(["gpt-5.5", "gpt-6.1-sol", null])("are all that it knows: %s is known", (model) => {
    expect(says(model)).toEqual({ unknown: [], note: null });
  });

  test.for([
    { model: "gpt-5.6", near: "gpt-5.5" },
    { model: "opus", near: null },
  ])("$model is not among them, and $near is the nearest", ({ model, near }) => {
    expect(says(model).unknown).toMatchObject([{ field: "model", value: model, near }]);
  });

  test("name the efforts of each, and the default has those of its model", () => {
    expect(says(null, "ultra")).toEqual({ unknown: [], note: null });
    expect(says("gpt-5.5", "ultra").note).toBe('GPT-5.5 has no effort "ultra", so it is not used.');
    expect(says("gpt-5.5", "utra").unknown).toMatchObject([{ field: "effort", near: "ultra" }]);
  });

  test.for([null, {}, { data: [] }, { data: [{}] }, { data: [null] }, { data: "gpt" }])(
    "%j is no list of them",
    (answer) => expect(codexModelsIn(answer)).toBeNull(),
  );
});
