/** A vitest reporter that names each test that was skipped, and why: a skip without a reason is a hole. */
export default class SkippedReporter {
  onTestCaseResult(testCase) {
    const result = testCase.result();
    if (result.state === "skipped")
      console.log(`skipped  ${testCase.fullName}: ${result.note ?? "no reason is given"}`);
  }
}
