package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Extension;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Sequence;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Table;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchiveContentsTest {

    /** As {@code pg_restore} of 15.18 printed it. */
    private static final String LIST =
            """
            ;
            ; Archive created at 2026-11-26 08:00:00 UTC
            ;     dbname: shop
            ;     TOC Entries: 20
            ;     Compression: 0
            ;     Dump Version: 1.14-0
            ;     Format: CUSTOM
            ;
            ; Selected TOC Entries:
            ;
            2; 3079 16385 EXTENSION - hstore\s
            3401; 0 0 COMMENT - EXTENSION hstore\s
            215; 1259 16512 TABLE public item postgres
            3394; 0 16512 TABLE DATA public item postgres
            3395; 0 16513 TABLE DATA odd "schema" with space a "b" postgres
            3402; 0 0 SEQUENCE SET public item_id_seq postgres
            3396; 0 0 BLOBS - BLOBS\s
            """;

    private static final DatabaseFacts HELD = new DatabaseFacts(
            List.of(new Table("public", "item", 3), new Table("odd \"schema\" with space", "a \"b\"", 0)),
            List.of(new Extension("hstore", "1.8", "public"), new Extension("plpgsql", "1.0", "pg_catalog")),
            List.of(new Sequence("public", "item_id_seq", 1, false)),
            null,
            List.of(),
            2);

    @Test
    void nothingIsMissedInAnArchiveThatHasItAll() {
        ArchiveContents contents = ArchiveContents.of(LIST);

        assertThat(contents.missing(HELD)).isEmpty();
        assertThat(contents.size()).isEqualTo(7);
    }

    @Test
    void everyKindOfEntryIsMissedByItsName() {
        assertThat(ArchiveContents.of("").missing(HELD))
                .containsExactly(
                        "TABLE DATA public item",
                        "TABLE DATA odd \"schema\" with space a \"b\"",
                        "SEQUENCE SET public item_id_seq",
                        "EXTENSION - hstore",
                        "large objects");
    }

    @Test
    void aTableWithoutItsRowsIsMissed() {
        assertThat(ArchiveContents.of(LIST.replace("TABLE DATA public item ", "TABLE DATA public items "))
                        .missing(HELD))
                .containsExactly("TABLE DATA public item");
    }

    @Test
    void namesOfSeveralLinesStandInOne() {
        DatabaseFacts held =
                new DatabaseFacts(List.of(new Table("a\nb", "c\r\nd", 1)), List.of(), List.of(), null, List.of(), 0);

        assertThat(ArchiveContents.of("1; 0 2 TABLE DATA a b c  d postgres\n").missing(held))
                .isEmpty();
    }

    @Test
    void namesAreReadInTheEncodingOfTheDatabase() {
        assertThat(ArchiveContents.charset("UTF8")).isEqualTo(StandardCharsets.UTF_8);
        assertThat(ArchiveContents.charset("SQL_ASCII")).isEqualTo(StandardCharsets.UTF_8);
        assertThat(ArchiveContents.charset("LATIN1")).isEqualTo(StandardCharsets.ISO_8859_1);
        assertThat(ArchiveContents.charset("WIN1252")).isEqualTo(Charset.forName("windows-1252"));
        assertThat(ArchiveContents.charset("EUC_JP")).isEqualTo(Charset.forName("EUC-JP"));
    }
}
