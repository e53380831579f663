package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ArchiveSetupTest {

    private static final String COMMAND = "/bin/sh '/data/lifeboat-main/shims/archive-wal.sh' '%p' '%f'";

    @Test
    void aFreshServerGetsEverythingItNeeds() {
        Map<String, String> current = Map.of(
                "wal_level", "minimal", "archive_mode", "off", "archive_command", "(disabled)", "archive_timeout", "0");

        assertThat(ArchiveSetup.wanted(current, COMMAND))
                .containsEntry("wal_level", "replica")
                .containsEntry("archive_mode", "on")
                .containsEntry("archive_command", COMMAND)
                .containsEntry("archive_timeout", "60s");
    }

    @Test
    void whatPromisesMoreIsLeftAlone() {
        Map<String, String> current = Map.of(
                "wal_level", "logical", "archive_mode", "always", "archive_command", COMMAND, "archive_timeout", "30");

        assertThat(ArchiveSetup.wanted(current, COMMAND)).isEmpty();
    }

    @Test
    void aRareTimeoutIsShortenedHoweverItIsWritten() {
        for (String timeout : new String[] {"61", "300s", "1h", "5min"}) {
            assertThat(ArchiveSetup.wanted(Map.of("archive_command", COMMAND, "archive_timeout", timeout), COMMAND))
                    .containsOnlyKeys("archive_timeout");
        }
        for (String timeout : new String[] {"60", "60s", "1min", "5"}) {
            assertThat(ArchiveSetup.wanted(Map.of("archive_command", COMMAND, "archive_timeout", timeout), COMMAND))
                    .isEmpty();
        }
    }

    @Test
    void theFileHasEachSettingOnceAndKeepsTheOthers() {
        String text = "# comment\nwork_mem = '8MB'\narchive_mode = 'off'\narchive_mode = 'off'\n";

        String edited = ArchiveSetup.edited(text, Map.of("archive_mode", "it's"));

        assertThat(edited).isEqualTo("# comment\nwork_mem = '8MB'\narchive_mode = 'it''s'\n");
    }
}
