package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArchiveSettingsTest {

    @Test
    void theArchiveSettingsOfTheOldDirectoryReplaceThoseOfTheBackup() {
        String old = "# by ALTER SYSTEM\narchive_mode = 'on'\narchive_command = 'new %p %f'\nwork_mem = '9MB'\n";
        String backup = "archive_command = 'old %p %f'\nwork_mem = '4MB'\n";

        String merged = ArchiveSettings.merge(old, backup);

        assertThat(merged).isEqualTo("work_mem = '4MB'\narchive_mode = 'on'\narchive_command = 'new %p %f'\n");
    }

    @Test
    void withoutAnyInTheOldDirectoryNothingChanges() {
        String backup = "archive_command = 'old %p %f'\n\n# end";

        assertThat(ArchiveSettings.merge("work_mem = '9MB'\n", backup)).isEqualTo(backup);
    }

    @Test
    void carryingOverTwiceIsCarryingOverOnce() {
        String old = "archive_mode = 'on'\n";

        String once = ArchiveSettings.merge(old, "work_mem = '4MB'\n");

        assertThat(ArchiveSettings.merge(old, once)).isEqualTo(once);
    }
}
