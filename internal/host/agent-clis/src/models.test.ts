import { describe, expect, test } from "vitest";
import { claudeModelsIn, codexModelsIn, geminiModelsIn, judge } from "./models.ts";

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
  value,
  resolvedModel: value,
  displayName: value,
  description: "Custom model",
  supportedEffortLevels: efforts,
});
const older = { value: "claude-sonnet-4-5", resolvedModel: "claude-sonnet-4-5", displayName: "Sonnet 4.5" };

const verdict = (models: readonly object[], model: string | null, effort: string | null = null) => {
  const known = claudeModelsIn({ models });
  if (known === null) expect.fail("no models");
  return judge({ models: known, isWhole: false }, { model, effort });
};

describe("judge", () => {
  test.for([
    { what: "a listed model", model: "opus", more: [] },
    { what: "no model", model: null, more: [] },
    { what: "an older model with a display name", model: "claude-sonnet-4-5", more: [older] },
    { what: "a model that the CLI only translates", model: "claude-opus-4-1-20250805", more: [] },
    {
      what: "the resolved name of a listed model",
      model: "claude-haiku-5-5",
      more: [custom("claude-haiku-5-5")],
    },
  ])("accepts $what", ({ model, more }) => {
    expect(verdict([...listed, ...more], model)).toEqual({ unknown: [], note: null });
  });

  test.for([
    { model: "opsu", near: "opus" },
    { model: "Haiku", near: "haiku" },
    { model: "claude-opus-5-6", near: "claude-opus-5-5" },
    { model: "gpt-5.1-codex", near: null },
  ])("refuses the model $model, and suggests $near", ({ model, near }) => {
    const known = ["default", "claude-opus-5-5", "opus", "haiku", "claude-haiku-5-5"];
    expect(verdict([...listed, custom(model)], model).unknown).toEqual([
      { field: "model", value: model, near, known },
    ]);
  });

  test("accepts an effort of the model", () =>
    expect(verdict(listed, "opus", "high")).toEqual({ unknown: [], note: null }));

  test("refuses an effort that no model has", () =>
    expect(verdict(listed, null, "hihg").unknown).toEqual([
      { field: "effort", value: "hihg", near: "high", known: efforts },
    ]));

  test("notes an effort that only other models have", () =>
    expect(verdict(listed, "haiku", "high")).toEqual({
      unknown: [],
      note: 'Haiku has no effort "high", so it is not used.',
    }));
});

test.for([null, {}, { models: "opus" }, { models: [] }, { models: [{ value: 7 }] }])(
  "claudeModelsIn returns null for %j",
  (answer) => expect(claudeModelsIn(answer)).toBeNull(),
);

test.for([
  null,
  {},
  { models: [] },
  { models: { availableModels: [] } },
  { models: { availableModels: [{ modelId: "auto", name: "Auto" }] } },
  { models: { availableModels: [{ modelId: "g" }] } },
])("geminiModelsIn returns null for %j", (answer) => expect(geminiModelsIn(answer)).toBeNull());

describe("judge with Codex's list", () => {
  /** An entry of the list of Codex 0.169.0. */
  const entry = (model: string, efforts: readonly string[], isDefault = false) => ({
    id: model,
    model,
    displayName: model.toUpperCase(),
    isDefault,
    supportedReasoningEfforts: efforts.map((reasoningEffort) => ({ reasoningEffort, description: "" })),
  });
  const data = [entry("gpt-5.5", ["low"]), entry("gpt-6.1-sol", ["low", "ultra"], true)];
  const models = codexModelsIn({ data }) ?? expect.fail("no models");
  const says = (model: string | null, effort: string | null = null) =>
    judge({ models, isWhole: true }, { model, effort });

  test.for(["gpt-5.5", "gpt-6.1-sol", null])("accepts the model %s", (model) => {
    expect(says(model)).toEqual({ unknown: [], note: null });
  });

  test.for([
    { model: "gpt-5.6", near: "gpt-5.5" },
    { model: "opus", near: null },
  ])("refuses the unlisted model $model, and suggests $near", ({ model, near }) => {
    expect(says(model).unknown).toMatchObject([{ field: "model", value: model, near }]);
  });

  test("knows the efforts of each model, also of the default", () => {
    expect(says(null, "ultra")).toEqual({ unknown: [], note: null });
    expect(says("gpt-5.5", "ultra").note).toBe('GPT-5.5 has no effort "ultra", so it is not used.');
    expect(says("gpt-5.5", "utra").unknown).toMatchObject([{ field: "effort", near: "ultra" }]);
  });

  test.for([null, {}, { data: [] }, { data: [{}] }, { data: [null] }, { data: "gpt" }])(
    "has no models in the answer %j",
    (answer) => expect(codexModelsIn(answer)).toBeNull(),
  );
});
