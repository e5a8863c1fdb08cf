import { expect, test } from "vitest";
import { readFailure } from "./turn-failure.ts";

const url = "url: http://127.0.0.1:41329/v1/responses";
const http = (status: number | null) => ({ httpConnectionFailed: { httpStatusCode: status } });

/** Errors of Codex 0.169.0, as it gave them for these answers of a model's API. */
test.each([
  {
    error: {
      message: `unexpected status 402 Payment Required: This group has used up its day., ${url}`,
      codexErrorInfo: http(402),
    },
    read: { code: "failed", message: "This group has used up its day." },
  },
  {
    error: {
      message: `unexpected status 401 Unauthorized: The gateway does not know this token., ${url}`,
      codexErrorInfo: http(401),
    },
    read: { code: "failed", message: "The gateway does not know this token." },
  },
  {
    error: {
      message: "exceeded retry limit, last status: 429 Too Many Requests",
      codexErrorInfo: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
    },
    read: { code: "unavailable", message: "The model's service takes no more requests now (429)." },
  },
  {
    error: {
      message: `unexpected status 502 Bad Gateway: The host cannot reach openai (ECONNREFUSED)., ${url}`,
      codexErrorInfo: http(502),
    },
    read: { code: "unavailable", message: "The host cannot reach openai (ECONNREFUSED)." },
  },
  {
    error: { message: "We’re currently experiencing high demand.", codexErrorInfo: "internalServerError" },
    read: { code: "unavailable", message: "We’re currently experiencing high demand." },
  },
  {
    error: {
      message: "stream disconnected before completion: Transport error: network error",
      codexErrorInfo: "other",
    },
    read: {
      code: "unavailable",
      message: "stream disconnected before completion: Transport error: network error",
    },
  },
  {
    error: { message: "error sending request", codexErrorInfo: http(null) },
    read: { code: "unavailable", message: "error sending request" },
  },
  {
    error: { message: '{"error":{"message":"bad thing"}}', codexErrorInfo: "other" },
    read: { code: "failed", message: "bad thing" },
  },
  {
    error: { message: "no model x", codexErrorInfo: "modelNotFound" },
    read: { code: "failed", message: "no model x" },
  },
  { error: null, read: { code: "failed", message: "Codex ended the turn without a reason." } },
])("the error of a turn, $error.message, is read as $read.code", ({ error, read }) =>
  expect(readFailure(error)).toEqual(read),
);
