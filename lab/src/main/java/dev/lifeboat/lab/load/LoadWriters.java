package dev.lifeboat.lab.load;

import dev.lifeboat.lab.engine.LabPostgres;
import dev.lifeboat.lab.load.Ledger.Entry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Several sessions that insert orders, one transaction each, and keep a ledger of what was acknowledged. A broken
 * connection is opened again, so they write on after a restart and after a recovery.
 */
public final class LoadWriters implements AutoCloseable {

    /** The schema they need; making it twice is no error. */
    public static final String SCHEMA =
            """
            create table if not exists orders (
                id bigint primary key,
                customer text not null,
                amount_cents bigint not null,
                note text not null,
                created_at timestamptz not null default clock_timestamp())
            """;

    private static final String INSERT =
            "insert into orders (id, customer, amount_cents, note) values (?, ?, ?, ?) returning pg_current_xact_id()::xid::text";

    private final LabPostgres postgres;
    private final Ledger ledger = new Ledger();
    private final AtomicLong nextId = new AtomicLong(1);
    private final AtomicInteger writing = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final Duration rest;
    private volatile boolean stopped;
    private volatile boolean paused;

    private LoadWriters(LabPostgres postgres, Duration rest) {
        this.postgres = postgres;
        this.rest = rest;
    }

    /** @param rest of each writer between two transactions */
    public static LoadWriters start(LabPostgres postgres, int writers, Duration rest) {
        postgres.execute(SCHEMA);
        LoadWriters load = new LoadWriters(postgres, rest);
        for (int i = 0; i < writers; i++) {
            Thread thread = new Thread(load::write, "writer-" + i);
            thread.setDaemon(true);
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    public Ledger ledger() {
        return ledger;
    }

    /** How many commits were acknowledged so far. */
    public int committed() {
        return ledger.size();
    }

    /** Waits until so many more commits were acknowledged. */
    public void await(int more, Duration limit) {
        int wanted = committed() + more;
        long end = System.nanoTime() + limit.toNanos();
        while (committed() < wanted) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the writers committed only %d of %d orders in %s"
                        .formatted(committed() - wanted + more, more, limit));
            }
            rest(Duration.ofMillis(20));
        }
    }

    /** No new transaction begins; returns when what had begun has ended, after some seconds at the latest. */
    public void pause() {
        paused = true;
        for (int i = 0; i < 500 && writing.get() > 0; i++) {
            rest(Duration.ofMillis(10));
        }
    }

    public void goOn() {
        paused = false;
    }

    /** Ends the writers and waits for their last transactions. */
    @Override
    public void close() {
        stopped = true;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Of a row's content; the same as the one that the database computes in {@link Rows}. */
    static String hash(String customer, long amount, String note) {
        try {
            byte[] bytes = (customer + "|" + amount + "|" + note).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write() {
        while (!stopped) {
            try (Connection connection = postgres.connect();
                    PreparedStatement insert = connection.prepareStatement(INSERT)) {
                connection.setAutoCommit(false);
                while (!stopped) {
                    writing.incrementAndGet();
                    try {
                        // Asked only now, so that a pause that sees nobody writing is one.
                        if (!paused) {
                            writeOne(connection, insert);
                        }
                    } finally {
                        writing.decrementAndGet();
                    }
                    rest(paused ? Duration.ofMillis(20) : rest);
                }
            } catch (SQLException e) {
                rest(Duration.ofMillis(200));
            }
        }
    }

    private void writeOne(Connection connection, PreparedStatement insert) throws SQLException {
        long id = nextId.getAndIncrement();
        Random random = new Random(id);
        String customer = "customer-" + random.nextInt(5_000);
        long amount = 100 + random.nextInt(1_000_000);
        String note = "order " + id + " " + Long.toHexString(random.nextLong()).repeat(4);
        String hash = hash(customer, amount, note);
        insert.setLong(1, id);
        insert.setString(2, customer);
        insert.setLong(3, amount);
        insert.setString(4, note);
        long xid;
        try (ResultSet row = insert.executeQuery()) {
            row.next();
            xid = Long.parseLong(row.getString(1));
        }
        ledger.tries(id, hash);
        connection.commit();
        ledger.acknowledges(new Entry(id, xid, commitTime(connection, xid), hash));
    }

    private static Instant commitTime(Connection connection, long xid) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_xact_commit_timestamp('" + xid + "'::xid)")) {
            row.next();
            Instant time = row.getObject(1, OffsetDateTime.class).toInstant();
            connection.commit();
            return time;
        }
    }

    private static void rest(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
