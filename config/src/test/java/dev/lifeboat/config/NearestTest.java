package dev.lifeboat.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {

    @Test
    void theWordWithTheFewestChangedLettersIsMeant() {
        assertThat(Nearest.to("prot", List.of("port", "host", "user"))).contains("port");
        assertThat(Nearest.to("bucket", List.of("bucket", "postgres"))).contains("bucket");
        assertThat(Nearest.to("x", List.of())).isEmpty();
    }

    @Test
    void swappedLettersCountOnce() {
        assertThat(Nearest.distance("prot", "port")).isEqualTo(1);
        assertThat(Nearest.distance("", "abc")).isEqualTo(3);
        assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
    }
}
