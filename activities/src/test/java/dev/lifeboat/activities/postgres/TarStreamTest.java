package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarStreamTest {

    @TempDir
    Path folder = Path.of("");

    @Test
    void namesBeyondAsciiAreReadAsTheyAre() throws Exception {
        assertThat(namesInTarOf("one", "\\303\\244")).containsExactly("one", "\u00e4");
    }

    /** Restored, it would have another name. */
    @Test
    void aNameThatIsNoUtf8IsRefused() {
        assertThatThrownBy(() -> namesInTarOf("one", "caf\\351"))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.DATA_DIRECTORY_UNUSABLE))
                .hasMessageContaining("'caf");
    }

    /** @param names as printf reads them */
    private List<String> namesInTarOf(String... names) throws IOException {
        String quoted = Stream.of(names).map("\"$(printf '%s')\""::formatted).collect(Collectors.joining(" "));
        String commands = "set -- " + quoted + "; for f; do echo x >\"$f\"; done; exec tar --format=ustar -c \"$@\"";
        Process tar = new ProcessBuilder("/bin/sh", "-c", commands)
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> found = new ArrayList<>();
        try (InputStream in = tar.getInputStream()) {
            TarStream stream = new TarStream(in);
            for (TarStream.Entry entry = stream.next(); entry != null; entry = stream.next()) {
                stream.copy(entry, OutputStream.nullOutputStream(), (bytes, length) -> {});
                found.add(entry.name());
            }
        }
        return found;
    }
}
