package dev.lifeboat.workflows.contract.evidence;

import static dev.lifeboat.workflows.contract.evidence.Verdict.FAIL;
import static dev.lifeboat.workflows.contract.evidence.Verdict.NOT_MEASURED;
import static dev.lifeboat.workflows.contract.evidence.Verdict.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.workflows.contract.PayloadMapper;
import dev.lifeboat.workflows.contract.evidence.RunReport.Failure;
import dev.lifeboat.workflows.contract.evidence.RunReport.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What people read, letter by letter. After a change on purpose: {@code -Dlifeboat.golden=write}, then read the diff. */
class ReportRenderingTest {

    @Test
    void aRecoveryThatWentWell() throws IOException {
        assertGolden("recovered.txt", ReportText.render(SampleReports.recovered(), false));
        assertGolden("recovered.md", ReportMarkdown.render(SampleReports.recovered()));
        assertGolden("recovered.html", ReportHtml.render(SampleReports.recovered()));
    }

    @Test
    void aDrillThatFailed() throws IOException {
        assertGolden("failed.txt", ReportText.render(SampleReports.failed(), false));
        assertGolden("failed.md", ReportMarkdown.render(SampleReports.failed()));
    }

    @Test
    void aBackup() throws IOException {
        assertGolden("backup.txt", ReportText.render(SampleReports.backup(), false));
    }

    @Test
    void aDumpIsNotCalledABaseBackup() {
        RunReport report = SampleReports.from(Source.ofDump("shop_2026-08-22_020000"));

        assertThat(ReportText.render(report, false))
                .containsPattern("dump +shop_2026-08-22_020000")
                .doesNotContain("base backup ");
        assertThat(PayloadMapper.json().valueToTree(report).get("source"))
                .isEqualTo(PayloadMapper.json()
                        .createObjectNode()
                        .put("segments", 0)
                        .put("dump", "shop_2026-08-22_020000"));
    }

    @Test
    void noLineIsLongerThanATerminal() {
        for (RunReport report : List.of(SampleReports.recovered(), SampleReports.failed(), SampleReports.backup())) {
            assertThat(ReportText.render(report, false).lines())
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
        }
    }

    @Test
    void colourAddsNothingButColour() {
        String coloured = ReportText.render(SampleReports.failed(), true);

        assertThat(coloured).contains("\u001b[31mFAIL\u001b[0m");
        assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", ""))
                .isEqualTo(ReportText.render(SampleReports.failed(), false));
    }

    @Test
    void theHeadlineAgreesWithTheExitCode() {
        assertThat(headline(0, new Verdicts(PASS, PASS, PASS, PASS, PASS))).isEqualTo("Recovered and verified");
        assertThat(headline(1, new Verdicts(FAIL, PASS, PASS, PASS, PASS))).isEqualTo("NOT RECOVERED");
        assertThat(headline(3, new Verdicts(PASS, FAIL, PASS, PASS, PASS))).isEqualTo("Recovered, but A CHECK FAILED");
        assertThat(headline(3, new Verdicts(PASS, NOT_MEASURED, PASS, PASS, PASS)))
                .isEqualTo("Recovered, but nothing was verified");
        assertThat(headline(4, new Verdicts(PASS, PASS, FAIL, PASS, PASS)))
                .isEqualTo("Recovered and verified, but the RTO was missed");
        assertThat(headline(4, new Verdicts(PASS, PASS, FAIL, FAIL, PASS)))
                .isEqualTo("Recovered and verified, but both RTO and RPO were missed");
        assertThat(headline(5, new Verdicts(FAIL, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, PASS)))
                .isEqualTo("Stopped by a person; what had been changed is undone");
        assertThat(headline(5, new Verdicts(FAIL, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, FAIL)))
                .isEqualTo("Stopped by a person, and SOMETHING IS LEFT that could not be undone");
        assertThat(headline(9, new Verdicts(PASS, PASS, PASS, PASS, FAIL)))
                .isEqualTo("Recovered and verified, but something must be cleaned up by hand");
    }

    @Test
    void eachCheckSaysWhenItLastFailedOnPurposeWhereAccountIsKept() {
        Instant at = Instant.parse("2026-08-01T04:05:00Z");
        Check seen = new Check("tables", "3", "3", PASS)
                .withSeenToFail(new SeenToFail(at, "table public.a was dropped", "restore-verification/main@r"));
        Check never = new Check("orders", "at least 1", "7", PASS).withSeenToFail(SeenToFail.NEVER);
        Check other = new Check("'tables' when table public.a was dropped", "red", "red: 2", PASS);

        RunReport report = report("monthly", List.of(seen, never, other));

        for (String text : List.of(ReportMarkdown.render(report), ReportHtml.render(report))) {
            assertThat(text)
                    .contains("last failed on purpose", "2026-08-01T04:05:00Z, when table public.a was dropped")
                    .contains("never seen to fail");
        }
        String terminal = ReportText.render(report, false);
        assertThat(terminal).contains("2026-08-01T04:05:00Z");
        assertThat(terminal.lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
        assertThat(ReportMarkdown.render(SampleReports.recovered())).doesNotContain("last failed on purpose");
    }

    @Test
    void scriptsReadOfEachCheckWhetherItWasSeenToFail() throws IOException {
        Check never = new Check("orders", "at least 1", "7", PASS).withSeenToFail(SeenToFail.NEVER);
        Check other = new Check("smoke test", "1", "1", PASS);

        JsonNode written = PayloadMapper.json().valueToTree(report("monthly", List.of(never, other)));

        assertThat(written.at("/checks/0/seenToFail").has("at")).isTrue();
        assertThat(written.at("/checks/0/seenToFail/at").isNull()).isTrue();
        assertThat(written.at("/checks/1").has("seenToFail")).isFalse();
        assertThat(PayloadMapper.json().treeToValue(written, RunReport.class).checks())
                .containsExactly(never, other);
    }

    private static RunReport report(String reason, List<Check> checks) {
        RunReport good = SampleReports.recovered();
        return new RunReport(
                good.format(),
                good.runbook(),
                good.run(),
                good.runId(),
                good.mode(),
                good.requestedBy(),
                reason,
                good.workers(),
                good.resumes(),
                good.startedAt(),
                good.endedAt(),
                good.inputs(),
                good.verdicts(),
                good.exitCode(),
                good.objectives(),
                good.achieved(),
                good.recoveryPoint(),
                good.source(),
                good.steps(),
                checks,
                good.findings(),
                good.leftBehind(),
                good.answers(),
                good.failure(),
                good.evidence());
    }

    @Test
    void whatPeopleTypedNeverBecomesMarkup() {
        Check check = new Check("<script>alert(1)</script> | `x`", "a\nb", "*bold*", PASS);
        RunReport report = report("<img src=x onerror=alert(1)>", List.of(check));

        assertThat(ReportHtml.render(report)).doesNotContain("<script", "<img");
        assertThat(ReportMarkdown.render(report))
                .doesNotContain("<script", "<img")
                .contains("| pass | &lt;script>alert(1)&lt;/script> \\| \\`x\\` | a<br>b | \\*bold\\* |");
    }

    @Test
    void durationsReadAsPeopleSayThem() {
        assertThat(ReportWords.duration(Duration.ZERO)).isEqualTo("0s");
        assertThat(ReportWords.duration(Duration.ofNanos(10))).isEqualTo("0ms");
        assertThat(ReportWords.duration(Duration.ofMillis(40))).isEqualTo("40ms");
        assertThat(ReportWords.duration(Duration.ofMillis(800))).isEqualTo("800ms");
        assertThat(ReportWords.duration(Duration.ofSeconds(5))).isEqualTo("5s");
        assertThat(ReportWords.duration(Duration.ofMillis(59_960))).isEqualTo("59.9s");
        assertThat(ReportWords.duration(Duration.ofSeconds(967))).isEqualTo("16m7s");
        assertThat(ReportWords.duration(Duration.ofHours(1))).isEqualTo("1h");
        assertThat(ReportWords.duration(Duration.ofMinutes(125))).isEqualTo("2h5m");
        assertThat(ReportWords.duration(Duration.ofHours(76))).isEqualTo("3d4h");
        assertThat(ReportWords.duration(Duration.ofSeconds(-5))).isEqualTo("-5s");
    }

    @Test
    void aRunThatAPersonStoppedIsNotCalledAFailureEvenWhenItsUndoFailed() {
        Failure aborted = new Failure("ABORTED", "replay-wal", "ana@ops-1 aborted the run: wrong target", "");

        assertThat(headline(1, new Verdicts(FAIL, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, FAIL), aborted))
                .isEqualTo("Stopped by a person, and SOMETHING IS LEFT that could not be undone");
    }

    private static String headline(int exitCode, Verdicts verdicts) {
        return headline(exitCode, verdicts, null);
    }

    private static String headline(int exitCode, Verdicts verdicts, @Nullable Failure failure) {
        return ReportText.render(SampleReports.ending(exitCode, verdicts, failure), false)
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow();
    }

    private static void assertGolden(String name, String actual) throws IOException {
        String root = System.getProperty("lifeboat.root");
        if ("write".equals(System.getProperty("lifeboat.golden")) && root != null) {
            Path file = Path.of(root, "workflows/src/test/resources/dev/lifeboat/workflows/contract/evidence", name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
            return;
        }
        try (InputStream golden = ReportRenderingTest.class.getResourceAsStream(name)) {
            assertThat(golden).as("golden file %s", name).isNotNull();
            assertThat(actual).isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
