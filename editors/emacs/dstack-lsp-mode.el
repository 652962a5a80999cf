;;; dstack-lsp-mode.el --- dstack-lsp for lsp-mode  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Registers dstack-lsp with lsp-mode and shows which release of dstack a
;; file is checked against.  Loaded by `dstack-mode' together with lsp-mode.

;;; Code:

(require 'dstack-mode)

;; Not required: users of Eglot need not have lsp-mode, not even to compile this.
(defvar lsp-language-id-configuration)
(declare-function lsp-activate-on "lsp-mode")
(declare-function lsp-cur-line-diagnostics "lsp-mode")
(declare-function lsp-get "lsp-protocol")
(declare-function lsp-register-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function lsp--uri-to-path "lsp-mode")
(declare-function make-lsp-client "lsp-mode")

(defun dstack-lsp-mode--show-release (_workspace message)
  "Show the release that is in MESSAGE."
  (dstack-show-release (lsp--uri-to-path (lsp-get message :uri))
                       (lsp-get message :release)
                       (lsp-get message :source)
                       (lsp-get message :note)))

(defun dstack-lsp-mode-rule ()
  "The rule of the first finding of dstack-lsp in this line, or nil."
  (seq-some (lambda (it) (and (equal (lsp-get it :source) "dstack") (lsp-get it :code)))
            (lsp-cur-line-diagnostics)))

(defun dstack-lsp-mode--left ()
  "Forget the release of a file that is no longer managed."
  (setq dstack-release-in-use nil))

(add-hook 'lsp-unconfigure-hook #'dstack-lsp-mode--left)

(add-to-list 'lsp-language-id-configuration '(dstack-mode . "dstack"))

(lsp-register-client
 (make-lsp-client
  :server-id 'dstack-lsp
  :new-connection (lsp-stdio-connection (lambda () dstack-server-command))
  :activation-fn (lsp-activate-on "dstack")
  :initialization-options (lambda () `((release . ,dstack-release)))
  :custom-capabilities '((experimental . ((dstackRelease . t))))
  :notification-handlers (let ((handlers (make-hash-table :test #'equal)))
                           (puthash "dstack/release" #'dstack-lsp-mode--show-release handlers)
                           handlers)))

(provide 'dstack-lsp-mode)

;;; dstack-lsp-mode.el ends here
