package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is judged from words and configuration alone: always 2, and Temporal is never asked. */
class DumpRestoreInputsTest {

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~ | dump-restore needs --database",
                "--database shop --clean --into x | --into and --clean exclude each other",
                "--database shop --clean --tables t | --clean and --tables exclude each other",
                "--database shop --into shop | nothing is ever restored over one",
                "--database shop --jobs 0 | --jobs 0 is not between 1 and 64",
                "--database shop --jobs x | --jobs",
                "--database shop --tables a,,b | has an empty name in it",
                "--database a/b | cannot be a part of a run's name",
                "--database 1234567890123456789012345678901234567890123456789012345678901234 | between 1 and 63 bytes",
                "--database shop --backup x/y.dump | neither an ID nor an absolute path",
                "--database shop --backup s3:// | names no object",
                "--database shop --drill | dump-restore takes no --drill",
                "--database shop --target latest | dump-restore takes no --target",
                "--database shop --port 5 | dump-restore takes no --port",
                "--database shop --cluster other | should be specified only once",
            })
    void aWrongInputIsRefusedWithASentenceAndAHint(String inputs, String sentence) throws IOException {
        Desk.Said said = Desk.withoutTemporal(folder).run(words("start dump-restore --cluster main " + inputs));

        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).contains(sentence).contains("lifeboat: error: ").contains("lifeboat: hint: ");
    }

    @ParameterizedTest
    @CsvSource({"clean", "database x", "tables t", "jobs 2", "strict-sniff", "allow-sql-fallback"})
    void otherRunbooksRefuseWhatIsItsAlone(String input) throws IOException {
        Desk.Said recovery = Desk.withoutTemporal(folder)
                .run(words("start pitr-recovery --cluster main --target latest --" + input));
        Desk.Said backup = Desk.withoutTemporal(folder).run(words("start base-backup --cluster main --" + input));

        assertThat(recovery.exit()).isEqualTo(2);
        assertThat(recovery.err()).contains("pitr-recovery takes no --" + input.split(" ")[0]);
        assertThat(backup.err()).contains("base-backup takes no --" + input.split(" ")[0]);
    }

    private static String[] words(String line) {
        return List.of(line.strip().split("\\s+")).toArray(String[]::new);
    }
}
