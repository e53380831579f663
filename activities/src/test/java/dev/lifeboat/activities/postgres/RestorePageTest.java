package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.Zstd;
import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.InMemoryObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestorePageTest {

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @Test
    void theBucketCarriesTheCommandsOfTheRunbookAndNothingOfItsOtherSections() {
        RestorePage.keep(store);

        assertThat(page())
                .startsWith("# How to restore without Lifeboat")
                .contains("zstd", "tar -x", "recovery.signal", "restore_command", "pg_ctl")
                .doesNotContain("## Evidence", "## Promise");
    }

    @Test
    void anOlderVersionsPageIsBroughtUpToDate() {
        store.put(BucketLayout.RESTORE_PAGE, "old".getBytes(StandardCharsets.UTF_8));

        RestorePage.keep(store);

        assertThat(page()).isEqualTo(RestorePage.text());
    }

    @ParameterizedTest
    @CsvSource({"intact, 0", "absent, 1", "damaged, 200"})
    void theServerIsToldTheTruthAboutASegment(String state, int exit, @TempDir Path work) throws Exception {
        String leftOut = "RestorePageTest: the page's restore_command was not run: zstd is not installed here";
        boolean installed = Stream.of("/usr/bin/zstd", "/bin/zstd", "/usr/local/bin/zstd")
                .anyMatch(zstd -> Files.isExecutable(Path.of(zstd)));
        if (!installed) {
            System.out.println(leftOut);
        }
        assumeTrue(installed, leftOut);
        String name = "000000010000000000000007";
        Path archived = Files.createDirectories(work.resolve("wal/00000001")).resolve(name + ".zst");
        if (!state.equals("absent")) {
            byte[] stored = Zstd.compress("wal".repeat(1000).getBytes(StandardCharsets.UTF_8));
            Files.write(archived, state.equals("intact") ? stored : Arrays.copyOf(stored, stored.length / 2));
        }
        Process command = new ProcessBuilder("sh", "-c", restoreCommand(work, name))
                .directory(work.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(command.waitFor()).as(said).isEqualTo(exit);
        assertThat(said.isEmpty()).as(said).isEqualTo(!state.equals("damaged"));
        if (state.equals("intact")) {
            assertThat(work.resolve("RECOVERYXLOG")).hasContent("wal".repeat(1000));
        }
    }

    /** What the page writes into the copy's settings, as the server runs it. */
    private static String restoreCommand(Path work, String name) {
        Matcher line = Pattern.compile("(?m)^restore_command = '(.*)'$").matcher(RestorePage.text());
        assertThat(line.find()).isTrue();
        return line.group(1)
                .replace("\\$", "$")
                .replace("$WORK", work.toString())
                .replace("%f", name)
                .replace("%p", "RECOVERYXLOG");
    }

    private String page() {
        return new String(store.readAll(BucketLayout.RESTORE_PAGE), StandardCharsets.UTF_8);
    }
}
