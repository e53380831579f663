package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncludesTest {

    private Path root = Path.of("");
    private Path original = Path.of("");
    private Path copy = Path.of("");

    @BeforeEach
    void directories(@TempDir Path folder) throws IOException {
        root = folder;
        original = Files.createDirectories(root.resolve("srv/main"));
        copy = Files.createDirectories(root.resolve("srv/lifeboat-main/recovery/data"));
        Files.createDirectories(root.resolve("srv/conf.d"));
        Files.writeString(copy.resolve("extra.conf"), "");
    }

    @Test
    void whatLeavesTheDirectoryLeadsToWhereItLedFromTheOriginal() {
        assertThat(anchored("include_dir '../conf.d'", false))
                .isEqualTo("include_dir '" + root.resolve("srv/conf.d") + "'");
        assertThat(anchored(" INCLUDE_DIR = '../conf.d' # ours", false))
                .isEqualTo("include_dir '" + root.resolve("srv/conf.d") + "'");
        assertThat(anchored("include_if_exists '../nothing.conf'", false))
                .isEqualTo("include_if_exists '" + root.resolve("srv/nothing.conf") + "'");
    }

    @Test
    void whatStaysInTheDirectoryIsLeftAloneUnlessTheFileIsMoved() {
        String text = "port = 5432\ninclude 'extra.conf'\ninclude_if_exists 'nothing.conf'\n";

        assertThat(anchored(text, false)).isEqualTo(text);
        assertThat(anchored(text, true))
                .contains("include '" + copy.resolve("extra.conf") + "'")
                .contains("include_if_exists '" + copy.resolve("nothing.conf") + "'");
    }

    @Test
    void whatIsNowhereIsLeftOutAndSaidSo() {
        assertThat(anchored("include '/no/such/file.conf'\n#include 'mine.conf'\nwork_mem = '1MB'", true))
                .isEqualTo("# not there: include '/no/such/file.conf'\n#include 'mine.conf'\nwork_mem = '1MB'");
        assertThat(anchored("include '../gone.conf'", false)).startsWith("# not there: ");
    }

    private String anchored(String text, boolean moved) {
        return Includes.anchored(text, copy, original, moved);
    }
}
