package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.AskedTables;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.UnknownTable;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DumpContentsTest {

    private static final String LIST =
            """
            ;
            ; Archive created at 2026-02-15 02:00:03 UTC
            ;     dbname: shop
            ;     TOC Entries: 9
            ;
            ; Selected TOC Entries:
            ;
            6; 2615 16386 SCHEMA - shop shop_owner
            2; 3079 16388 EXTENSION - pg_trgm\s
            215; 1259 16390 TABLE public orders shop_owner
            216; 1259 16395 TABLE shop items the owner
            217; 1259 16399 VIEW public newest shop_owner
            3378; 0 16390 TABLE DATA public orders shop_owner
            3379; 0 16395 TABLE DATA shop items the owner
            3233; 2606 16394 CONSTRAINT public orders orders_pkey shop_owner
            3240; 2606 16420 FK CONSTRAINT shop items items_order_fkey the owner
            3385; 0 0 ACL - TABLE orders shop_owner
            """;

    private final DumpContents contents = DumpContents.parse(LIST);

    @Test
    void theListSaysOfWhatAndWhenItWasMade() {
        assertThat(contents.database()).isEqualTo("shop");
        assertThat(contents.madeAt()).isEqualTo("2026-02-15 02:00:03 UTC");
        assertThat(contents.tablesWithData()).isEqualTo(2);
    }

    @Test
    void ownersThatTheClusterDoesNotHaveAreNamed() {
        assertThat(contents.missingOwners(List.of("shop_owner", "the owner"))).isEmpty();
        assertThat(contents.missingOwners(List.of("the owner"))).containsExactly("shop_owner");
    }

    @Test
    void granteesThatTheClusterDoesNotHaveAreNamed() {
        String sql =
                """
                GRANT SELECT ON TABLE public.orders TO reader;
                GRANT ALL ON TABLE public.orders TO PUBLIC;
                GRANT SELECT ON TABLE public.orders TO "Two Words" WITH GRANT OPTION;
                ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT SELECT ON TABLES TO later;
                """;

        assertThat(DumpContents.missingGrantees(sql, List.of("reader"))).containsExactly("Two Words");
        assertThat(DumpContents.missingGrantees(sql, List.of())).containsExactly("Two Words", "reader");
    }

    @Test
    void aSelectionHasTheTablesAndWhatLiesAroundThemAndNothingThatLeadsAway() {
        assertThat(contents.selection(List.of("orders")))
                .extracting(line -> line.substring(line.indexOf(' ', line.indexOf(' ', line.indexOf(' ') + 1) + 1) + 1))
                .containsExactly(
                        "SCHEMA - shop shop_owner",
                        "EXTENSION - pg_trgm ",
                        "TABLE public orders shop_owner",
                        "TABLE DATA public orders shop_owner",
                        "CONSTRAINT public orders orders_pkey shop_owner");
        assertThat(contents.unknown(List.of("orders", "shop.items", "public.items", "newest")))
                .containsExactly("public.items", "newest");
    }

    @Test
    void aTableIsToldFromAViewAndFromOneWithoutRowsAndTheNearestIsNamed() {
        DumpContents more = DumpContents.parse(
                LIST
                        + """
                218; 1259 16401 TABLE public parts shop_owner
                219; 1259 16402 MATERIALIZED VIEW public sums shop_owner
                220; 1259 16403 FOREIGN TABLE public afar shop_owner
                221; 1259 16404 TABLE public two words shop_owner
                3381; 0 16404 TABLE DATA public two words shop_owner
                """);

        AskedTables asked = TablesOfDump.of(
                more,
                List.of(
                        "orders",
                        "two words",
                        "public.two words",
                        "ordres",
                        "shop.itmes",
                        "newest",
                        "sums",
                        "afar",
                        "parts"));

        assertThat(asked.tables()).isEqualTo(4);
        assertThat(asked.unknown())
                .containsExactly(
                        new UnknownTable("ordres", "", List.of("public.orders")),
                        new UnknownTable("shop.itmes", "", List.of("shop.items")),
                        new UnknownTable("newest", "view", List.of()),
                        new UnknownTable("sums", "materialized view", List.of()),
                        new UnknownTable("afar", "foreign table", List.of()));
        assertThat(asked.empty()).containsExactly("parts");
        assertThat(more.selection(List.of("two words"))).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\connect other", "\\c other", "\\! rm -rf /", "\\i /etc/passwd", "\\copy t from 'x'"})
    void plainSqlWithACommandToPsqlIsRefusedWithItsLine(String command, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("dump.sql"), "select 1;\n" + command + "\n");

        assertThatThrownBy(() -> SqlDump.requireHarmless(file))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.DUMP_UNUSABLE))
                .hasMessageContaining("line 2")
                .hasMessageContaining(command);
    }

    @Test
    void rowsThatBeginWithABackslashAreNoCommands(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("dump.sql"),
                "\\restrict abc\ncopy t from stdin;\n\\N\t1\n\\\\server\n\\tindented\n\\.\n\\unrestrict abc\n");

        SqlDump.requireHarmless(file);
    }

    @Test
    void whatPgRestoreSaysBecomesASentenceAndACode() {
        RecoveryFailure extension = RestoreWords.failed(
                "pg_restore",
                List.of(
                        "pg_restore: creating EXTENSION \"postgis\"",
                        "pg_restore: error: could not execute query: ERROR:  extension \"postgis\" is not available",
                        "Command was: CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;"),
                "shop_restored");
        RecoveryFailure gone = RestoreWords.failed(
                "pg_restore", List.of("pg_restore: error: server closed the connection unexpectedly"), "shop_restored");
        RecoveryFailure full = RestoreWords.failed(
                "pg_restore",
                List.of("pg_restore: error: ERROR:  could not extend file \"base/1/2\": No space left on device"),
                "shop_restored");

        assertThat(extension.code()).isEqualTo(FailureCode.RESTORE_FAILED);
        assertThat(extension)
                .hasMessage(
                        "pg_restore of shop_restored failed: could not execute query: ERROR:  extension \"postgis\" is not available (in: CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;)");
        assertThat(extension.hint()).contains("install the extension");
        assertThat(gone.code()).isEqualTo(FailureCode.DATABASE_UNREACHABLE);
        assertThat(full.code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
    }
}
