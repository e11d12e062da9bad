# One peer on one table of votes, as a program of its own:
#
#     Rscript ideal_points_peers.R PEER VOTES PERIODS ANSWER ITERATIONS
#
# VOTES is a CSV of voters (rows) by roll calls: 0 yes, 1 no, or 0 yes, 1 abstain, 2 no; NA where nobody voted. PERIODS
# holds the period of each roll call, from 0. ANSWER receives the mean and sd of each voter (voters by periods, period
# after period) and the seconds that the estimation itself took: starting R and reading the votes do not count.

given <- commandArgs(trailingOnly = TRUE)
votes <- as.matrix(read.csv(given[2], header = FALSE))
periods <- as.integer(readLines(given[3]))
iterations <- as.integer(given[5])
dimnames(votes) <- list(sprintf("v%03d", seq_len(nrow(votes))), sprintf("r%04d", seq_len(ncol(votes))))
n_voters <- nrow(votes)
n_calls <- ncol(votes)
n_periods <- max(periods) + 1
set.seed(1)

quiet <- list(threads = 1, verbose = FALSE)
# emIRT wants yes and no as 1 and -1, and nothing as 0.
signed <- function() ifelse(is.na(votes), 0, ifelse(votes == 0, 1, -1))
yes <- function() ifelse(votes == 0, 1, 0)
column <- function(value, rows) matrix(value, rows, 1)
moments <- function(draws) list(mean = colMeans(draws), sd = apply(draws, 2, sd))
estimates <- function(fit) list(mean = c(fit$means$x), sd = sqrt(c(fit$vars$x)))

peers <- list(
  binIRT = function() {
    starts <- emIRT::getStarts(n_voters, n_calls, 1, .type = "random")
    estimates(emIRT::binIRT(list(votes = signed()), starts, emIRT::makePriors(n_voters, n_calls, 1), .control = quiet))
  },
  ordIRT = function() {
    starts <- list(beta = column(rnorm(n_calls), n_calls), x = column(rnorm(n_voters), n_voters),
                   tau = column(-0.5, n_calls), DD = column(0.5, n_calls))
    priors <- list(x = list(mu = matrix(0), sigma = matrix(1)), beta = list(mu = column(0, 2), sigma = diag(25, 2)))
    estimates(emIRT::ordIRT(ifelse(is.na(votes), 0, votes + 1), starts, priors, .control = quiet))
  },
  dynIRT = function() {
    data <- list(rc = signed(), startlegis = column(0, n_voters), endlegis = column(n_periods - 1, n_voters),
                 bill.session = column(periods, n_calls), T = n_periods)
    starts <- list(alpha = column(rnorm(n_calls), n_calls), beta = column(rnorm(n_calls), n_calls),
                   x = matrix(rnorm(n_voters), n_voters, n_periods))
    priors <- list(x.mu0 = column(0, n_voters), x.sigma0 = column(1, n_voters), beta.mu = column(0, 2),
                   beta.sigma = diag(25, 2), omega2 = column(0.04, n_voters))
    estimates(emIRT::dynIRT(data, starts, priors, .control = quiet))
  },
  MCMCirt1d = function() {
    moments(as.matrix(MCMCpack::MCMCirt1d(yes(), burnin = iterations %/% 4, mcmc = iterations, seed = 1, AB0 = 1)))
  },
  ideal = function() {
    burnin <- iterations %/% 4
    fit <- pscl::ideal(pscl::rollcall(yes()), maxiter = burnin + iterations, burnin = burnin, thin = 5,
                       dropList = list(codes = "notInLegis", lop = 0))
    moments(fit$x[, , 1])
  }
)

clock <- system.time(answer <- peers[[given[1]]]())
write.csv(data.frame(mean = answer$mean, sd = answer$sd, seconds = clock[["elapsed"]],
                     processor = clock[["user.self"]] + clock[["sys.self"]]), given[4], row.names = FALSE)
