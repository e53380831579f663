package dev.lifeboat.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.workflows.contract.PayloadMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder as {@code lifeboat report --output-dir} leaves it, and what may have happened to it since. */
class VerifyEvidenceTest {

    private static final String LOG = "steps/01-check-cluster-1.log";

    @TempDir
    Path folder = Path.of("");

    private Path evidence = Path.of("");

    @BeforeEach
    void aFolder() throws Exception {
        evidence = Files.createDirectories(folder.resolve("evidence"));
        write(
                "report.json",
                "{\"run\": \"daily-dump/main\", \"runId\": \"r1\", \"steps\": [{\"id\": \"check-cluster\", \"logs\": [\"%s\"]}]}"
                        .formatted(LOG));
        write("report.md", "# daily-dump");
        write("report.html", "<html></html>");
        write(LOG, "begins\ndone\n");
        sumUp("report.html", "report.json", "report.md", LOG);
    }

    @Test
    void aFolderThatNobodyTouchedPassesAndTheChainIsNotMeasured() throws IOException {
        Desk.Said said = verify("evidence");
        JsonNode json =
                PayloadMapper.json().readTree(verify("evidence", "-o", "json").out());

        assertThat(said.exit()).isZero();
        assertThat(said.out()).contains("daily-dump/main@r1", "pass: 4 files").contains("not measured");
        assertThat(said.err()).isEmpty();
        assertThat(json.at("/verdicts/digests").textValue()).isEqualTo("pass");
        assertThat(json.at("/verdicts/completeness").textValue()).isEqualTo("pass");
        assertThat(json.at("/verdicts/chain").textValue()).isEqualTo("not-measured");
    }

    @Test
    void theReportBeforeItIsLookedForBesideItAndComparedWithTheDigestThatIsNamed() throws Exception {
        Path first = evidence;
        Path broken = Files.createDirectories(folder.resolve("broken"));
        Files.writeString(broken.resolve("report.json"), "{");
        Files.writeString(broken.resolve("SHA256SUMS"), "");
        evidence = Files.createDirectories(folder.resolve("later"));
        String report =
                "{\"run\": \"daily-dump/main\", \"runId\": \"r2\", \"previous\": {\"runId\": \"r1\", \"sha256\": \"%s\"}}";
        write("report.json", report.formatted(digest(first.resolve("SHA256SUMS"))));
        write("report.md", "# daily-dump");
        write("report.html", "<html></html>");
        sumUp("report.html", "report.json", "report.md");

        Desk.Said whole = verify("later", "-o", "json");
        Files.writeString(first.resolve("SHA256SUMS"), Files.readString(first.resolve("SHA256SUMS")) + "\n");
        Desk.Said exchanged = verify("later");
        Files.delete(first.resolve("report.json"));
        Desk.Said alone = verify("later");

        assertThat(PayloadMapper.json()
                        .readTree(whole.out())
                        .at("/verdicts/chain")
                        .textValue())
                .isEqualTo("pass");
        assertThat(whole.exit()).isZero();
        assertThat(exchanged.exit()).isEqualTo(3);
        assertThat(exchanged.err()).contains("of the report before it, daily-dump/main@r1");
        assertThat(alone.exit()).isZero();
        assertThat(alone.out()).contains("not measured", "'lifeboat report daily-dump/main@r1 --output-dir ");
    }

    @Test
    void aFileThatWasChangedIsNamedWithBothDigests() throws IOException {
        write(LOG, "begins\nDONE\n");

        Desk.Said said = verify("evidence");

        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.err())
                .containsPattern("error: .*evidence is not the evidence that was written: " + LOG
                        + " has the digest [0-9a-f]{64}, and")
                .contains("lifeboat: hint: ");
        assertThat(said.out()).contains("FAIL: " + LOG).contains("pass: every file");
    }

    @Test
    void aFileThatIsMissingAndOneThatNobodyWroteDownAreFound() throws IOException {
        Files.delete(evidence.resolve("report.md"));
        write("steps/99-forged-1.log", "done");

        Desk.Said said = verify("evidence");

        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.out())
                .contains("report.md is missing", "SHA256SUMS does not name steps/99-forged-1.log")
                .contains("pass: 4 files");
    }

    @Test
    void aLogThatTheReportNamesIsMissedThoughTheSumsForgetItToo() throws Exception {
        Files.delete(evidence.resolve(LOG));
        sumUp("report.html", "report.json", "report.md");

        Desk.Said said = verify("evidence");

        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.out()).contains("the log " + LOG + " of step check-cluster is not there");
    }

    @Test
    void sumsThatLeadOutOfTheFolderAreNotFollowed() throws IOException {
        Files.writeString(
                evidence.resolve("SHA256SUMS"),
                Files.readString(evidence.resolve("SHA256SUMS")) + "0".repeat(64) + "  ../lifeboat.yaml\n");

        Desk.Said said = verify("evidence");

        assertThat(said.exit()).isEqualTo(3);
        assertThat(said.out()).contains("is no digest and file of this folder").contains("pass: 4 files");
    }

    @Test
    void whatIsNoFolderOfAReportIsWrongUse() throws IOException {
        Files.delete(evidence.resolve("SHA256SUMS"));

        assertThat(verify("evidence").exit()).isEqualTo(2);
        assertThat(verify("evidence").err()).contains("it has no SHA256SUMS", "--output-dir");
        assertThat(verify("nowhere").exit()).isEqualTo(2);
    }

    private Desk.Said verify(String... arguments) throws IOException {
        Desk desk = Desk.withoutTemporal(folder);
        Files.delete(folder.resolve("lifeboat.yaml"));
        String[] words = new String[arguments.length + 1];
        words[0] = "verify-evidence";
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return desk.run(words);
    }

    private void write(String name, String text) throws IOException {
        Path file = evidence.resolve(name);
        Files.createDirectories(java.util.Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }

    private static String digest(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    /** As sha256sum would. */
    private void sumUp(String... names) throws Exception {
        StringBuilder sums = new StringBuilder();
        for (String name : names) {
            sums.append(digest(evidence.resolve(name)))
                    .append("  ")
                    .append(name)
                    .append('\n');
        }
        Files.write(evidence.resolve("SHA256SUMS"), sums.toString().getBytes(UTF_8));
    }
}
