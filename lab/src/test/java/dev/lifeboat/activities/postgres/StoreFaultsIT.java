package dev.lifeboat.activities.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.store.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every way to the store under every fault, first passing and then staying. In each cell it is asserted that nothing wrong
 * is believed, shown or promised; what came of it is the table in {@code docs/store-faults.md}.
 */
class StoreFaultsIT {

    private static final Path PAGE = Path.of(System.getProperty("lifeboat.root", "."), "docs/store-faults.md");
    private static final Duration CELL = Duration.ofMinutes(5);
    /** The cells wait more than they compute. */
    private static final int AT_ONCE = 8;
    /** Of each kind of fault one. Garbled bytes that are sent are named by each store in its own way. */
    private static final Set<Fault> SAMPLE = EnumSet.of(Fault.UNAVAILABLE, Fault.CUT, Fault.EXPIRED);

    private static FaultWorld world;

    @BeforeAll
    static void start() throws Exception {
        world = FaultWorld.start();
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    @Test
    void whatBecomesOfEachWayUnderEachFaultIsWhatThePageSays() throws Exception {
        boolean whole = "real".equals(System.getProperty("lifeboat.engine")) || Boolean.getBoolean("lifeboat.thorough");
        Set<Fault> faults = whole ? EnumSet.allOf(Fault.class) : SAMPLE;
        if (!whole) {
            System.out.printf(
                    "store faults: a sample of %d of %d faults; all of them on MinIO: ./mvnw verify -Pengines%n",
                    faults.size(), Fault.values().length);
        }
        FaultPage page = look(faults);

        if (whole && Boolean.getBoolean("lifeboat.rewrite")) {
            Files.writeString(PAGE, page.text());
        }
        List<String> expected = Files.exists(PAGE) ? Files.readAllLines(PAGE, UTF_8) : List.of();
        assertThat(page.cellsNotIn(expected))
                .as(
                        "cells of %s that are no longer so; if they are right now, write it anew: %s",
                        PAGE, FaultPage.COMMAND)
                .isEmpty();
        if (whole) {
            assertThat(FaultPage.words(expected))
                    .as("%s; write it anew with: %s", PAGE, FaultPage.COMMAND)
                    .isEqualTo(FaultPage.words(page.text().lines().toList()));
        }
    }

    private static FaultPage look(Set<Fault> faults) throws Exception {
        List<FaultPath> ways = new ArrayList<>(new BackupFaultPaths(world).all());
        ways.addAll(new DumpFaultPaths(world).all());
        ways.addAll(new WalFaultPaths(world).all());
        ways.addAll(SmallObjectFaultPaths.all());
        FaultPage page = new FaultPage(ways.stream().map(FaultPath::title).toList(), faults);
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE, new Daemons("fault"));
        try {
            List<Future<?>> cells = new ArrayList<>();
            for (Fault fault : faults) {
                for (FaultPath way : ways) {
                    FaultCell cell = new FaultCell(world, way, fault);
                    cells.add(pool.submit(noted(cell + ", passing", cell::passing, page.passing(way.title(), fault))));
                    cells.add(pool.submit(noted(cell + ", staying", cell::staying, page.staying(way.title(), fault))));
                }
            }
            for (Future<?> cell : cells) {
                cell.get(CELL.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(page.broken())
                .as("cells in which something that must never be was so")
                .isEmpty();
        return page;
    }

    private static Callable<Void> noted(String name, Callable<String> cell, FaultPage.Note note) {
        return () -> {
            try {
                note.of(cell.call());
            } catch (AssertionError | Exception e) {
                note.broken(name + ": " + e);
                System.out.println("store faults: " + name);
                e.printStackTrace(System.out);
            }
            return null;
        };
    }
}
