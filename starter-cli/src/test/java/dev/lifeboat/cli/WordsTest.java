package dev.lifeboat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.Progress;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.35S, 350ms",
        "PT12.94S, 12.9s",
        "PT60S, 1m",
        "PT16M7.4S, 16m7s",
        "PT1H, 1h",
        "PT90M, 1h30m",
        "P30D, 30d",
        "PT50H, 2d2h"
    })
    void aDurationIsToldInTwoPartsAtMost(Duration duration, String text) {
        assertThat(Words.of(duration)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "2362232012, 2.2 GiB", "179306496, 171 MiB"})
    void bytesAreToldInBinaryUnits(long bytes, String text) {
        assertThat(Words.bytes(bytes)).isEqualTo(text);
    }

    @Test
    void progressTellsItsRateAndTheTimeLeftOnceItCan() {
        ProgressText text = new ProgressText();
        Instant start = Instant.parse("2026-08-22T09:15:00Z");
        long gib = 1L << 30;

        String first = text.withRate(new Progress("chunk 1 of 18", 0, 2 * gib, "bytes"), start);
        String later = text.withRate(new Progress("chunk 9 of 18", gib, 2 * gib, "bytes"), start.plusSeconds(8));

        assertThat(first).isEqualTo("chunk 1 of 18, 0 B of 2.0 GiB");
        assertThat(later).isEqualTo("chunk 9 of 18, 1.0 GiB of 2.0 GiB, 128 MiB/s, 8s left");
    }

    @Test
    void aProgressWithoutATotalPromisesNothing() {
        assertThat(ProgressText.of(new Progress("replaying", 12, 0, "segments")))
                .isEqualTo("replaying, 12 segments");
        assertThat(ProgressText.of(new Progress("starting", 0, 0, "bytes"))).isEqualTo("starting");
    }
}
