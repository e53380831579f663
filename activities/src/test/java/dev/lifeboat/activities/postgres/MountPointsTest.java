package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountPointsTest {

    @Test
    void theFifthFieldNamesTheMountPointAndItsSpacesAreEscaped() {
        String table =
                """
                22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
                40 22 8:17 /sub /var/lib/my\\040data rw - xfs /dev/sdb1 rw
                """;

        assertThat(MountPoints.in(table)).containsExactlyInAnyOrder("/", "/var/lib/my data");
    }

    @Test
    void procIsAFileSystemOfItsOwn() throws IOException {
        assertThat(MountPoints.isMountPoint(Path.of("/proc"))).isTrue();
        assertThat(MountPoints.isMountPoint(Path.of("/proc/self"))).isFalse();
        assertThat(MountPoints.sameFileSystem(Path.of("/"), Path.of("/proc"))).isFalse();
    }
}
