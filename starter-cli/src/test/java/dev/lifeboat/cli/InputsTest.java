package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lifeboat.workflows.contract.PayloadMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is judged from words and configuration alone: always 2, and Temporal is never asked. */
class InputsTest {

    private static final String RECOVERY = "start pitr-recovery --cluster main ";

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "--target 2026-08-22T09:15:00 | read as UTC it is 2026-08-22T09:15:00Z, read as local time (Europe/Berlin) it is 2026-08-22T07:15:00Z",
                "--target yesterday | 'yesterday' is not a time such as 2026-08-22T09:15:00Z",
                "--target 2026-02-30T09:15:00Z | is not a time",
                "~~ | a target is needed",
                "--target latest --target-xid 1234 | two targets are given: --target and --target-xid",
                "--target latest --target immediate | should be specified only once",
                "--target-lsn 0-1 | '0-1' is not an LSN",
                "--target-xid 2 | '2' is not the number of a transaction",
                "--target-xid x | 'x' is not the number of a transaction",
                "--target latest --exclusive | --exclusive has no meaning with --target latest",
                "--target-name n --exclusive | --exclusive has no meaning with --target-name",
                "--target-name 1234567890123456789012345678901234567890123456789012345678901234 | between 1 and 63 bytes",
                "--target latest --into /x | --into needs --port",
                "--target latest --port 5499 | --port needs --into",
                "--target latest --into x --port 5499 | is a relative path",
                "--target latest --into /x --port 5433 | is the live cluster's own port",
                "--target latest --into /x --port 0 | is not a port",
                "--target latest --into /x --port x | --port",
                "--target latest --into /var/lib/pg/main/../main --port 5499 | overlaps the live data directory",
                "--target latest --into /x --port 5499 --drill | --drill and --into exclude each other",
                "--target latest --timeline two | 'two' is not a timeline",
                "--target latest --wait soon | 'soon' is not a duration",
                "--target latest --database shop | pitr-recovery takes no --database",
                "--targte latest | did you mean '--target'?",
                "--target latest --cluster other | should be specified only once",
            })
    void aWrongInputIsRefusedWithASentenceAndAHint(String inputs, String sentence) throws IOException {
        Desk.Said said = Desk.withoutTemporal(folder).run(words(RECOVERY + inputs));

        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).contains(sentence).contains("lifeboat: error: ").contains("lifeboat: hint: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "start pitr-recovery --cluster mian --target latest | UNKNOWN_CLUSTER",
                "plan pitr-recovery --target latest                 | BAD_INPUT",
                "start pitr-recovry --cluster main                  | BAD_INPUT",
                "start base-backup --cluster main --target latest   | BAD_INPUT",
                "start base-backup --cluster main --drill           | BAD_INPUT",
                "start daily-dump --cluster main --drill            | BAD_INPUT",
                "start daily-dump --cluster main --target latest    | BAD_INPUT",
                "start daily-dump --cluster other                   | UNKNOWN_CLUSTER",
                "start daily-dump                                   | BAD_INPUT",
                "start base-backup --cluster main --database shop   | BAD_INPUT",
                "start dump-restore --cluster main                  | BAD_INPUT",
                "schedule trigger base-backup/main                  | BAD_INPUT",
                "schedule pause                                     | BAD_INPUT",
                "schedule                                           | BAD_INPUT",
                "status not-a-run                                   | BAD_INPUT",
                "report nothing/main                                | BAD_INPUT",
                "window other                                       | UNKNOWN_CLUSTER",
                "backups other                                      | UNKNOWN_CLUSTER",
                "setup mysql main                                   | BAD_INPUT",
                "cleanup --yes --dry-run                            | BAD_INPUT",
                "lits                                               | BAD_INPUT",
                "list --nonsense                                    | BAD_INPUT",
                "list --config absent.yaml                          | BAD_CONFIGURATION",
            })
    void aRefusalIsOneJsonDocumentWhereThatIsAskedFor(String command, String code) throws IOException {
        Desk.Said said = Desk.withoutTemporal(folder).run(words(command + " -o json"));

        assertThat(said.exit()).isEqualTo(2);
        JsonNode error = PayloadMapper.json().readTree(said.out()).get("error");
        assertThat(error.get("code").textValue()).isEqualTo(code);
        assertThat(error.get("message").textValue()).isNotBlank();
        assertThat(error.get("hint").textValue()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-08-22T09:15:00Z",
                "2026-08-22T11:15:00+02:00",
                "2026-08-22 11:15:00+02",
                "2026-08-22 11:15:00.000 +0200",
                "2026-08-22t09:15z",
            })
    void aTimeIsReadAsPeopleAndPostgresWriteIt(String typed) {
        assertThat(TargetTime.parse(typed, ZoneId.of("Asia/Tokyo"))).isEqualTo("2026-08-22T09:15:00Z");
    }

    @Test
    void aTimeBetweenTwoMicrosecondsTakesTheSameCommits() {
        Instant between = Instant.parse("2026-08-22T09:15:00.123456789Z");

        assertThat(TargetTime.toMicroseconds(between, false)).isEqualTo("2026-08-22T09:15:00.123456Z");
        assertThat(TargetTime.toMicroseconds(between, true)).isEqualTo("2026-08-22T09:15:00.123457Z");
    }

    private static String[] words(String line) {
        List<String> words = new ArrayList<>();
        for (String word : line.strip().split(" +")) {
            words.add(word);
        }
        return words.toArray(String[]::new);
    }
}
